# Makes facets_r.json: items by raters as linear models of eRm (LLTM, LPCM). Run once, by hand:
#   Rscript tests/oracles/facets.R tests/oracles
suppressPackageStartupMessages({ library(eRm); library(jsonlite) })
out <- commandArgs(TRUE)[1]; RNGkind("Mersenne-Twister", "Inversion", "Rejection")
item <- rep(1:4, 2); rater <- rep(1:2, each = 4) # eight combinations, all answered by everybody
simulate <- function(seed, n, steps) { set.seed(seed); th <- rnorm(n); b <- seq(-1, 1, length.out = 4)[item] + c(-0.3, 0.3)[rater]
  sapply(b, function(d) sapply(th, function(t) { e <- exp(c(0, cumsum(t - d - steps))); sample(0:length(steps), 1, prob = e) })) }
patterns <- function(x) { t <- table(apply(x, 1, paste, collapse = "")); Map(function(a, b) list(a, b), names(t), as.integer(t)) |> unname() }
basis <- cbind(sapply(2:4, function(i) item == i), rater == 2) * 1 # the first item and the first rater are references
two <- simulate(41, 200, 0); f <- LLTM(two, W = -basis)
three <- simulate(42, 200, c(-0.6, 0.6))
W <- do.call(rbind, lapply(1:8, function(i) rbind(c(basis[i, ], 0), c(2 * basis[i, ], 1)))) # cumulative: category 2 has its own
g <- LPCM(three, W = -W)
entry <- function(x, fit) list(patterns = patterns(x), eta = unname(fit$etapar), se = unname(fit$se.eta), loglik = fit$loglik)
write(toJSON(list(meta = list(script = "tests/oracles/facets.R", R = R.version.string, eRm = as.character(packageVersion("eRm")),
  conventions = "columns: items 1 to 4 by rater 1, then by rater 2; eta: item 2, 3, 4 less item 1, rater 2 less rater 1, then the sum of the two steps' departures; simulated, seeds 41 and 42"),
  item = item, rater = rater, two = entry(two, f), three = entry(three, g)), auto_unbox = TRUE, digits = 12), file.path(out, "facets_r.json"))
