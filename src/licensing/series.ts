/** Statistics over a series of daily figures. Counts, never money: plain numbers are exact enough to raise an eyebrow. */

/** The middle value; the mean of the two middle ones of an even number. Throws RangeError for no value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError('There is no median of no value.');
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** How far one value stands out, and from what. */
export interface Outlier {
  readonly median: number;
  /** The median absolute deviation. */
  readonly mad: number;
  /** The modified z-score 0.6745·(x − median)/MAD; null where MAD is 0. */
  readonly score: number | null;
  readonly isOutlier: boolean;
}

/** The least number of values of which one may be said to stand out. */
const LEAST_VALUES = 4;

/**
 * Judges the last value of a series by the modified z-score (Iglewicz and Hoaglin 1993). Where at least half of the values
 * are equal the score has no meaning, and a distance of more than 3 and more than 10 % of the median stands out.
 * Returns null for too few values.
 */
export function lastOutlier(values: readonly number[], limit: number): Outlier | null {
  const last = values.at(-1);
  if (last === undefined || values.length < LEAST_VALUES) return null;
  const middle = median(values);
  const mad = median(values.map((value) => Math.abs(value - middle)));
  const distance = Math.abs(last - middle);
  if (mad === 0) {
    const isOutlier = distance > Math.max(3, Math.abs(middle) / 10);
    return { median: middle, mad, score: null, isOutlier };
  }
  const score = (0.6745 * (last - middle)) / mad;
  return { median: middle, mad, score, isOutlier: Math.abs(score) > limit };
}

/** The mean and the standard deviation of a sample. */
function spread(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}

/**
 * A slow rise by the one-sided CUSUM: S = max(0, S + (x − μ − k·σ)) over the newer half of the series, with μ and σ of the
 * older half. The highest day of the newer half is left out: what one day makes is a spike and no rise. Returns S in
 * standard deviations; null for fewer than 14 values or where the older half never moved.
 */
export function slowRise(values: readonly number[], allowance: number): number | null {
  if (values.length < 14) return null;
  const half = Math.floor(values.length / 2);
  const { mean, deviation } = spread(values.slice(0, half));
  if (deviation === 0) return null;
  const newer = values.slice(half);
  const sum = newer
    .toSpliced(newer.indexOf(Math.max(...newer)), 1)
    .reduce((total, value) => Math.max(0, total + (value - mean - allowance * deviation)), 0);
  return sum / deviation;
}

/** The rise a day by ordinary least squares; null for fewer than two values. */
export function slope(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const middle = (values.length - 1) / 2;
  const { mean } = spread(values);
  const above = values.reduce((sum, value, day) => sum + (day - middle) * (value - mean), 0);
  const below = values.reduce((sum, _value, day) => sum + (day - middle) ** 2, 0);
  return above / below;
}

/** Days until what is left is used up at the present rise; null where use does not rise. */
export function daysLeft(left: number, values: readonly number[]): number | null {
  const rise = slope(values);
  return rise === null || rise <= 0 ? null : left / rise;
}
