# Joinpoints, interrupted series, yearly change and age-adjusted rates in base R: writes trends_r.json.
#   Rscript tests/oracles/trends.R > tests/oracles/trends_r.json
# Series: service lines of facts/utilization/service-lines.csv, and one made up with a break (labelled so).
series <- list(
  "63047" = list(x = 2014:2023, y = c(139435, 139091, 146063, 140953, 139320, 141324, 112253, 115915, 108622, 102006)),
  "22614" = list(x = 2014:2023, y = c(117772, 126626, 140742, 147342, 158160, 166632, 145462, 154035, 150880, 155341)),
  "0275T" = list(x = 2017:2023, y = c(475, 1308, 3036, 4391, 8172, 13176, 17082)),
  "made up" = list(x = 2010:2023, y = c(1000, 1090, 1230, 1310, 1480, 1590, 1780, 1560, 1400, 1260, 1120, 1010, 905, 812))
)
# A period in a list name would do no harm, but numbers must keep their digits.
num <- function(v) paste0("[", paste(sprintf("%.15g", v), collapse = ", "), "]")
apc <- function(b) 100 * expm1(b)
line <- function(s) {
  m <- lm(log(s$y) ~ s$x)
  ci <- confint(m)[2, ]
  c(apc(coef(m)[2]), apc(ci[1]), apc(ci[2]))
}
join1 <- function(s) {
  n <- length(s$x); grid <- s$x[3:(n - 2)]
  fits <- lapply(grid, function(k) lm(log(y) ~ x + pmax(0, x - k), data = data.frame(x = s$x, y = s$y, k = k)))
  sse <- sapply(fits, deviance); best <- which.min(sse); m <- fits[[best]]; k <- grid[best]
  V <- vcov(m); b <- coef(m); t <- qt(0.975, n - 3)
  one <- function(w) { e <- sum(w * b); h <- t * sqrt(drop(t(w) %*% V %*% w)); c(apc(e), apc(e - h), apc(e + h)) }
  bound <- min(sse) * (1 + qf(0.95, 1, n - 4) / (n - 4)); inside <- grid[sse <= bound * (1 + 1e-12)]
  bic <- function(sse, k) log(sse / n) + (2 * k + 2) * log(n) / n
  r <- residuals(m)
  list(k = k, first = one(c(0, 1, 0)), second = one(c(0, 1, 1)), interval = range(inside), left = min(sse),
       bic = c(bic(deviance(lm(log(s$y) ~ s$x)), 0), bic(min(sse), 1)), dw = sum(diff(r)^2) / sum(r^2))
}
broken <- function(s, d) {
  x <- s$x; f <- data.frame(y = log(s$y), t = x - d, step = as.numeric(x >= d), after = pmax(0, x - d))
  m <- lm(y ~ t + step + after, data = f); ci <- confint(m); p <- summary(m)$coefficients[, 4]; b <- coef(m)
  c(apc(b[3]), apc(ci[3, ]), p[3], apc(b[2]), apc(b[2] + b[4]), apc(b[4]), apc(ci[4, ]), p[4])
}
parts <- sapply(names(series), function(name) {
  s <- series[[name]]; j <- join1(s)
  at <- if (name == "made up") 2017 else 2020
  sprintf('  "%s": {"x": %s, "y": %s, "line": %s, "at": %d, "interrupted": %s,\n    "join": {"k": %d, "first": %s, "second": %s, "interval": %s, "left": %.15g, "bic": %s, "dw": %.15g}}',
          name, num(s$x), num(s$y), num(line(s)), at, num(broken(s, at)), j$k, num(j$first), num(j$second), num(j$interval), j$left, num(j$bic), j$dw)
})
# Ages: made up. Direct standardization, interval of Fay and Feuer.
count <- c(40, 90, 130, 60); people <- c(9000, 12000, 8000, 3000); standard <- c(10000, 11000, 8500, 3600)
w <- standard / sum(standard) / people; y <- sum(w * count); v <- sum(w^2 * count); wm <- max(w)
low <- qgamma(0.025, shape = y^2 / v, scale = v / y)
high <- qgamma(0.975, shape = (y + wm)^2 / (v + wm^2), scale = (v + wm^2) / (y + wm))
pois <- poisson.test(320, T = 32000)
cat("{\n", paste(parts, collapse = ",\n"), ",\n", sep = "")
cat(sprintf('  "ages": {"count": %s, "people": %s, "standard": %s, "adjusted": %s},\n', num(count), num(people), num(standard), num(1e5 * c(y, low, high))))
cat(sprintf('  "poisson": {"count": 320, "people": 32000, "rate": %s},\n', num(1e5 * c(0.01, pois$conf.int))))
cat(sprintf('  "made by": "%s"\n}\n', R.version.string))
