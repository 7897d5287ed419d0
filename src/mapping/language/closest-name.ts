/** The known name that a misspelt one most likely means, or null if none is near. Ties go to the first. */
export function closestName(wrong: string, known: Iterable<string>): string | null {
  const limit = Math.max(1, Math.floor(wrong.length / 3));
  let best: string | null = null;
  let bestDistance = limit + 1;
  for (const name of known) {
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** "Did you mean …?", or null. */
export function didYouMean(wrong: string, known: Iterable<string>): string | null {
  const name = closestName(wrong, known);
  return name === null ? null : `Did you mean "${name}"?`;
}

/** Edit distance in which two swapped neighbours count once, at most `limit` (larger distances answer `limit`). */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let before: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const swapped = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const costs = [
        (previous[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1),
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        swapped ? (before[j - 2] ?? limit) + 1 : limit,
      ];
      row.push(Math.min(...costs));
    }
    before = previous;
    previous = row;
  }
  return Math.min(previous.at(-1) ?? limit, limit);
}
