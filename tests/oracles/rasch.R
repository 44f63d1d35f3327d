# Makes rasch_r.json and paired_r.json: estimates of public and of simulated data by eRm, psychotools, BradleyTerry2 and
# survival, and by a Newton reference written here. Run once, by hand:
#   Rscript tests/oracles/rasch.R tests/oracles
# Debian 12: r-base-core r-cran-erm r-cran-psychotools r-cran-bradleyterry2 r-cran-jsonlite r-cran-survival
suppressPackageStartupMessages({
  library(eRm); library(psychotools); library(BradleyTerry2); library(survival); library(jsonlite)
})
out <- commandArgs(TRUE)[1]
RNGkind("Mersenne-Twister", "Inversion", "Rejection")

# ---- a Newton reference: symmetric functions by plain convolution, every item left out in turn; the information by differences -------------------
conv <- function(a, b) { if (length(a) < length(b)) return(conv(b, a)); n <- numeric(length(a) + length(b) - 1); for (i in seq_along(b)) { at <- i:(i + length(a) - 1); n[at] <- n[at] + a * b[i] }; n }
groups <- function(x) { key <- apply(!is.na(x), 1, function(m) paste(which(m), collapse = ",")); split(seq_len(nrow(x)), key) }
# beta: list of cumulative category parameters (easiness), one vector an item
ll_grad <- function(beta, x) {
  k <- ncol(x); eps <- lapply(beta, function(b) c(1, exp(b))); value <- 0; grad <- lapply(beta, function(b) b * 0)
  for (rows in groups(x)) {
    y <- x[rows, , drop = FALSE]; use <- which(!is.na(y[1, ])); y <- y[, use, drop = FALSE]
    if (!length(use)) next
    m <- length(use); pre <- suf <- vector("list", m + 1); pre[[1]] <- suf[[m + 1]] <- 1
    for (i in seq_len(m)) pre[[i + 1]] <- conv(pre[[i]], eps[[use[i]]])
    for (i in rev(seq_len(m))) suf[[i]] <- conv(suf[[i + 1]], eps[[use[i]]])
    r <- rowSums(y); gam <- pre[[m + 1]]; n <- tabulate(r + 1, length(gam))
    value <- value - sum(n[n > 0] * log(gam[n > 0]))
    for (i in seq_along(use)) {
      j <- use[i]; rest <- conv(pre[[i]], suf[[i + 1]])
      for (c in seq_along(beta[[j]])) {
        obs <- sum(y[, i] == c); value <- value + obs * beta[[j]][c]
        pos <- seq_along(rest) + c; e <- sum(n[pos] * eps[[j]][c + 1] * rest / gam[pos])
        grad[[j]][c] <- grad[[j]][c] + obs - e
      }
    }
  }
  list(value = value, grad = unlist(grad))
}
# thresholds delta (T) -> cumulative easiness; D: T x q design, identified
newton <- function(x, top, D) {
  split_by <- rep(seq_along(top), top)
  cum <- function(delta) lapply(split(delta, split_by), function(d) -cumsum(d))
  g <- function(eta) { r <- ll_grad(cum(drop(D %*% eta)), x)
    back <- unlist(lapply(split(r$grad, split_by), function(v) -rev(cumsum(rev(v))))); list(value = r$value, grad = drop(t(D) %*% back)) }
  eta <- rep(0, ncol(D)); h <- 1e-4
  jac <- function(eta) { J <- sapply(seq_along(eta), function(i) { e <- replace(0 * eta, i, h); (g(eta + e)$grad - g(eta - e)$grad) / (2 * h) }); (J + t(J)) / 2 }
  J <- jac(eta); big <- Inf
  for (it in 1:200) { now <- g(eta); if (it %% 4 == 0 && big > 1e-6) J <- jac(eta); step <- -solve(J, now$grad); big <- max(abs(step)); step <- step * min(1, 1.5 / max(abs(step))); eta <- eta + step; if (max(abs(step)) < 1e-11) break }
  V <- solve(-jac(eta)); list(delta = drop(D %*% eta), cov = D %*% V %*% t(D), loglik = g(eta)$value, steps = it, last = max(abs(step)))
}
zero <- function(w) rbind(diag(length(w) - 1), -w[-length(w)] / w[length(w)])
design <- function(top, kind) {
  item <- rep(seq_along(top), top); step <- sequence(top)
  if (kind != "rating-scale") return(zero(1 / top[item]))
  cbind(outer(item, seq_along(top), "==") %*% zero(rep(1, length(top))), outer(step, 1:max(top), "==") %*% zero(rep(1, max(top))))
}
reference <- function(x, kind) {
  top <- apply(x, 2, max, na.rm = TRUE); f <- newton(x, top, design(top, kind)); item <- rep(seq_along(top), top)
  M <- t(sapply(seq_along(top), function(i) (item == i) / top[i]))
  list(thresholds = f$delta, measures = drop(M %*% f$delta), se = sqrt(diag(M %*% f$cov %*% t(M))), loglik = f$loglik, steps = f$steps, last_step = f$last)
}
tight <- list(reltol = 1e-16, maxit = 2000)
safe <- function(e) tryCatch(suppressWarnings(e), error = function(err) NULL)
persons <- function(fit) { p <- safe(person.parameter(fit)); if (is.null(p)) return(NULL)
  f <- itemfit(p); list(separation = unname(SepRel(p)$sep.rel), infit = unname(f$i.infitMSQ), outfit = unname(f$i.outfitMSQ), infit_z = unname(f$i.infitZ), outfit_z = unname(f$i.outfitZ)) }
lr <- function(t) if (is.null(t)) NULL else list(statistic = unname(t$LR), df = unname(t$df), p = unname(t$pvalue))
patterns <- function(x) { s <- apply(x, 1, function(r) paste(ifelse(is.na(r), ".", r), collapse = "")); t <- table(s); Map(function(a, b) list(a, b), names(t), as.integer(t)) |> unname() }
two <- function(x) {
  e <- RM(x); p <- raschmodel(x, reltol = tight$reltol, maxit = tight$maxit, hessian = TRUE); full <- !anyNA(x)
  list(dichotomous = list(reference = reference(x, "dichotomous"),
    erm = c(list(measures = unname(-e$betapar), se = unname(e$se.beta), loglik = e$loglik), persons(e),
            list(andersen_median = if (full) lr(safe(LRtest(e, "median"))), martin_loef = if (full) { m <- safe(MLoef(e, "median")); if (!is.null(m)) list(statistic = m$LR, df = m$df, p = m$p.value) })),
    psychotools = list(measures = unname(coef(itempar(p))), se = unname(sqrt(diag(vcov(itempar(p))))), loglik = p$loglik)))
}
many <- function(x) {
  pc <- PCM(x); pp <- pcmodel(x, reltol = tight$reltol, maxit = tight$maxit); top <- apply(x, 2, max, na.rm = TRUE)
  got <- list("partial-credit" = list(reference = reference(x, "partial-credit"), erm = c(list(loglik = pc$loglik), persons(pc)),
    psychotools = list(measures = unname(coef(itempar(pp))), se = unname(sqrt(diag(vcov(itempar(pp))))), loglik = pp$loglik)))
  if (length(unique(top)) == 1) {
    rs <- RSM(x); pr <- rsmodel(x, reltol = tight$reltol, maxit = tight$maxit)
    got[["rating-scale"]] <- list(reference = reference(x, "rating-scale"), erm = c(list(loglik = rs$loglik), persons(rs)),
      psychotools = list(measures = unname(coef(itempar(pr))), se = unname(sqrt(diag(vcov(itempar(pr))))), loglik = pr$loglik))
  }
  got
}
entry <- function(x, source) {
  x <- as.matrix(x); storage.mode(x) <- "integer"; dimnames(x) <- NULL; cat(format(Sys.time(), "%H:%M:%S"), source, dim(x), "\n")
  list(source = source, persons = nrow(x), items = ncol(x), top = as.integer(apply(x, 2, max, na.rm = TRUE)), patterns = patterns(x),
       estimates = if (max(x, na.rm = TRUE) == 1) two(x) else many(x))
}
simulate <- function(seed, n, deltas, sd = 1, missing = 0) {
  set.seed(seed); th <- rnorm(n, 0, sd)
  x <- sapply(deltas, function(d) sapply(th, function(t) { e <- exp(c(0, cumsum(t - d))); sample(0:length(d), 1, prob = e) }))
  if (missing > 0) x[matrix(runif(length(x)) < missing, nrow(x))] <- NA
  x[rowSums(!is.na(x)) > 3, ]
}
drop_na <- function(x, seed, share) { set.seed(seed); x[matrix(runif(length(x)) < share, nrow(x))] <- NA; x[rowSums(!is.na(x)) > 3, ] }
booklets <- function(x) { b <- rep(1:3, length.out = nrow(x)); for (i in 1:3) x[b == i, (1:10) + 10 * (i - 1)] <- NA; x }
data("VerbalAggression", package = "psychotools"); data("MathExam14W", package = "psychotools"); data("YouthGratitude", package = "psychotools")
va <- VerbalAggression$resp; va2 <- VerbalAggression$resp2
sets <- list(
  raschdat1 = entry(raschdat1, "eRm raschdat1"),
  raschdat1_booklets = entry(booklets(as.matrix(raschdat1)), "eRm raschdat1, three overlapping booklets of 20 items made by the script"),
  verbal_missing = entry(drop_na(va2[1:120, 1:7], 12, 0.2), "psychotools VerbalAggression, two categories, first 120 persons and 7 items, 20 % set missing by the script"),
  verbal = entry(va, "psychotools VerbalAggression, three categories (De Boeck & Wilson 2004)"),
  math_exam = entry(local({ m <- as.matrix(MathExam14W$solved); storage.mode(m) <- "integer"; m[MathExam14W$nsolved > 0 & MathExam14W$nsolved < 13, ] }), "psychotools MathExam14W, solved (Zeileis 2016)"),
  gratitude = entry(local({ g <- as.matrix(sapply(YouthGratitude[, grep("^losd", names(YouthGratitude))], function(v) as.integer(as.character(v)) - 1L)); g[complete.cases(g) & apply(g == round(g), 1, all), ][1:400, ] }), "psychotools YouthGratitude, lack of a sense of deprivation, first 400 complete (Froh et al. 2011)"),
  pcmdat2 = entry(pcmdat2, "eRm pcmdat2"),
  lltmdat2 = entry(lltmdat2, "eRm lltmdat2"),
  small_survey = entry(simulate(21, 34, as.list(seq(-1.2, 1.2, length.out = 11)), 0.8), "simulated by the script, seed 21"),
  mixed_categories = entry(simulate(22, 300, list(c(-1, 0.5), 0.2, c(-1.5, 0, 1.2), c(-0.3, 0.6), -0.8, c(-0.6, 0.1, 0.9)), 1.1), "simulated by the script, seed 22"),
  rating_missing = entry(simulate(23, 120, lapply(seq(-1, 1, length.out = 6), function(b) b + c(-1, 0.2, 0.8)), 1, 0.2), "simulated by the script, seed 23, 20 % missing"),
  long_test = entry(simulate(24, 300, as.list(seq(-2, 2, length.out = 40)), 1.2), "simulated by the script, seed 24")
)
versions <- function(p) setNames(lapply(p, function(n) as.character(packageVersion(n))), p)
meta <- list(purpose = "Estimates of public and simulated data by R packages and by a Newton reference", script = "tests/oracles/rasch.R",
  R = R.version.string, packages = versions(c("eRm", "psychotools", "BradleyTerry2", "survival")),
  licences = "data sets as shipped with eRm (GPL-3), psychotools (GPL-2 or 3), BradleyTerry2 (GPL-2 or later); the figures are carried here with their source",
  conventions = "patterns: [answers, persons], one digit an item, . missing; measures: mean threshold of each item, sum zero; thresholds: all items one after the other")
save <- function(x, name) write(gsub("\\.0+(?=[,\\]])", "", toJSON(x, auto_unbox = TRUE, digits = 12, null = "null", na = "null"), perl = TRUE), file.path(out, name))
save(list(meta = meta, sets = sets), "rasch_r.json")

# ---- pairs and rankings ----------------------------------------------------------------------------------------
bt <- function(d, w1, w2, p1, p2, ref) {
  lev <- sort(unique(c(as.character(d[[p1]]), as.character(d[[p2]])))); d$a <- factor(d[[p1]], lev); d$b <- factor(d[[p2]], lev); d$w1 <- d[[w1]]; d$w2 <- d[[w2]]
  d <- d[d$w1 + d$w2 > 0, ]; f <- BTm(cbind(w1, w2), a, b, data = d, refcat = ref, epsilon = 1e-14, maxit = 100); ab <- BTabilities(f)
  list(names = lev, left = as.integer(d$a) - 1L, right = as.integer(d$b) - 1L, win_left = d$w1, win_right = d$w2, reference = ref, ability = unname(ab[, 1]), se = unname(ab[, 2]))
}
data("baseball", package = "BradleyTerry2"); data("icehockey", package = "BradleyTerry2"); data("CEMS", package = "BradleyTerry2")
base <- aggregate(cbind(home.wins, away.wins) ~ home.team + away.team, baseball, sum)
ice <- within(icehockey, { w1 <- as.numeric(result); w2 <- 1 - w1 }); ice <- aggregate(cbind(w1, w2) ~ visitor + opponent, ice, sum)
names(ice)[1:2] <- c("p1", "p2")
cems <- within(CEMS$preferences, { w1 <- win1.adj; w2 <- win2.adj }); cems <- aggregate(cbind(w1, w2) ~ school1 + school2, cems, sum)
# Plackett-Luce as a stratified Cox model: each stage is a risk set
set.seed(31); worth <- c(0, 0.5, -0.4, 1, 0.2); names(worth) <- letters[1:5]
rankings <- t(sapply(1:60, function(i) order(-(worth - log(-log(runif(5)))))))
rankings[1:15, 4:5] <- NA # the best three alone
long <- do.call(rbind, lapply(seq_len(nrow(rankings)), function(i) { r <- rankings[i, ]; t <- match(1:5, r); data.frame(id = i, item = factor(letters[1:5]), time = ifelse(is.na(t), 6, t), event = as.integer(!is.na(t))) }))
full <- long; full$event[full$time == 5] <- 0 # the last of a full ranking is no choice
pl <- coxph(Surv(time, event) ~ item + strata(id), data = full, ties = "exact", control = coxph.control(eps = 1e-14, iter.max = 50))
# Rao-Kupper and adjacent categories on springall, by plain Newton in optim
data("springall", package = "BradleyTerry2"); s <- springall$contests; i1 <- as.integer(s$row); i2 <- as.integer(s$col)
rk <- function(par) { b <- c(par[1:8], -sum(par[1:8])); th <- exp(par[9]); a <- exp(b[i1]); z <- exp(b[i2])
  -sum(s$win * log(a / (a + th * z)) + s$loss * log(z / (z + th * a)) + s$tie * log(a * z * (th^2 - 1) / ((a + th * z) * (z + th * a)))) }
o <- optim(c(rep(0, 8), 0.7), rk, method = "BFGS", control = list(reltol = 1e-16, maxit = 5000)); for (i in 1:5) o <- optim(o$par, rk, method = "BFGS", control = list(reltol = 1e-16, maxit = 5000), hessian = TRUE)
A <- rbind(diag(8), -1); V <- solve(o$hessian)
pairs <- list(baseball = bt(base, "home.wins", "away.wins", "home.team", "away.team", "Baltimore"), icehockey = bt(ice, "w1", "w2", "p1", "p2", "Alaska Anchorage"),
  cems = bt(cems, "w1", "w2", "school1", "school2", "Barcelona"))
ranks <- list(source = "simulated by the script, seed 31; the first 15 rank three of five", rankings = apply(rankings, 1, function(r) I(letters[r[!is.na(r)]])), items = letters[1:5],
  worth = c(0, unname(coef(pl))), se = c(0, unname(sqrt(diag(vcov(pl))))), loglik = pl$loglik[2])
raok <- list(source = "BradleyTerry2 springall, Rao-Kupper likelihood maximised by optim", left = i1 - 1L, right = i2 - 1L, win_left = s$win, win_right = s$loss, tie = s$tie,
  ability = c(o$par[1:8], -sum(o$par[1:8])), ability_se = sqrt(diag(A %*% V[1:8, 1:8] %*% t(A))), log_threshold = o$par[9], log_threshold_se = sqrt(V[9, 9]), loglik = -o$value)
save(list(meta = meta, pairs = pairs, rankings = ranks, rao_kupper = raok), "paired_r.json")
