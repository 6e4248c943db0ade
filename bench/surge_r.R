# One job for bench/surge_vs_r.py: run R's surveillance on every row of a CSV of counts.
#   Rscript surge_r.R counts.csv answers.csv METHOD CONTROL LAST [START]
# METHOD is flexible, farrington, earsC or bayes; CONTROL an R list; START the date of the first week, or empty.
# Writes one line a series and step: upper, alarm; the last line holds the seconds of processor time.
suppressMessages(library(surveillance))
given <- commandArgs(TRUE)
counts <- as.matrix(read.csv(given[1], header = FALSE))
control <- eval(parse(text = given[4]))
last <- as.integer(given[5])
start <- if (length(given) > 5) as.Date(given[6]) else NA
times <- ncol(counts)
control$range <- (times - last + 1):times
run <- switch(given[3],
  flexible = farringtonFlexible,
  farrington = function(x, control) farrington(x, control = control, verbose = FALSE),
  earsC = earsC,
  bayes = function(x, control) bayes(x, control = control, verbose = FALSE)
)
answers <- file(given[2], "w")
spent <- 0
for (series in seq_len(nrow(counts))) {
  x <- if (is.na(start)) {
    sts(counts[series, ], start = c(2000, 1), frequency = 52)
  } else {
    sts(counts[series, ], epoch = seq(start, by = "week", length.out = times), frequency = 52)
  }
  begun <- proc.time()
  found <- suppressWarnings(run(x, control = control))
  spent <- spent + sum((proc.time() - begun)[1:2])
  upper <- tail(as.vector(upperbound(found)), last)
  alarm <- tail(as.vector(alarms(found)), last)
  writeLines(paste(format(upper, digits = 15, trim = TRUE), as.integer(alarm), sep = ","), answers)
}
writeLines(paste(spent, 0, sep = ","), answers)
close(answers)
