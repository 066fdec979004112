/**
 * What a sample proves about all rows: the exact (Clopper-Pearson) upper bound of the share of wrong rows, one-sided. Without a
 * single wrong row among n it is still about 3/n at 95 %, so 99.99 % takes 29,956 of them.
 */

/** The largest share of wrong rows that is still consistent with `wrong` of `drawn` rows, at this confidence. */
export function upperBound(wrong: number, drawn: number, confidence: number): number {
  if (drawn <= 0 || wrong >= drawn) return 1;
  const alpha = 1 - confidence;
  if (wrong === 0) return 1 - alpha ** (1 / drawn);
  let low = wrong / drawn;
  let high = 1;
  // The chance of so few wrong rows falls as their share grows: 60 halvings reach the last digit.
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (chanceOfAtMost(wrong, drawn, middle) > alpha) low = middle;
    else high = middle;
  }
  return high;
}

/** The binomial distribution: at most `wrong` of `drawn`, when each is wrong with chance `share`. */
function chanceOfAtMost(wrong: number, drawn: number, share: number): number {
  let term = drawn * Math.log1p(-share);
  let sum = Math.exp(term);
  for (let count = 1; count <= wrong; count += 1) {
    term += Math.log((drawn - count + 1) / count) + Math.log(share) - Math.log1p(-share);
    sum += Math.exp(term);
  }
  return sum;
}

/** How many rows without a difference prove the threshold; infinite for 100 %. */
export function rowsToProve(threshold: number, confidence: number): number {
  return threshold >= 1
    ? Number.POSITIVE_INFINITY
    : Math.ceil(Math.log(1 - confidence) / Math.log(threshold));
}

/** How many rows measure a share to within the margin, whatever it is. */
export function rowsForMargin(margin: number, confidence: number): number {
  const z = quantile((1 + confidence) / 2);
  return Math.ceil((z * z * 0.25) / (margin * margin));
}

/** The quantile of the normal distribution, by bisection of its integral (Abramowitz and Stegun 26.2.17, error below 1e-7). */
function quantile(probability: number): number {
  let low = 0;
  let high = 10;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (normal(middle) < probability) low = middle;
    else high = middle;
  }
  return high;
}

function normal(x: number): number {
  const t = 1 / (1 + 0.2316419 * x);
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
