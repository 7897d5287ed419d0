/**
 * Gives each row at most one column and each column at most one row so that the sum of the weights is the greatest
 * (Kuhn–Munkres, O(rows² × columns)). Pairs of weight 0 or less are not made. Deterministic; weights are whole numbers.
 * Returns the column of each row, or null.
 */
export function assignPairs(weights: readonly (readonly number[])[]): readonly (number | null)[] {
  const rows = weights.length;
  const real = weights[0]?.length ?? 0;
  // A column of its own for each row stands for "no pair", so that no row has to take what does not fit.
  const columns = real + rows;
  const cost = (row: number, column: number): number =>
    column < real ? -Math.max(0, weights[row]?.[column] ?? 0) : 0;
  const rowOf = shortestPaths(rows, columns, cost);
  const assigned: (number | null)[] = Array.from({ length: rows }, () => null);
  for (const [column, row] of rowOf.entries()) {
    const weight = row === null ? 0 : (weights[row]?.[column] ?? 0);
    if (row !== null && column < real && weight > 0) assigned[row] = column;
  }
  return assigned;
}

/** The row of each column in a cheapest assignment; potentials and shortest augmenting paths. */
function shortestPaths(
  rows: number,
  columns: number,
  cost: (row: number, column: number) => number,
): readonly (number | null)[] {
  // Index 0 is the start of every path; rows and columns count from 1.
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  const match = new Int32Array(columns + 1);
  const way = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row += 1) {
    const least = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
    const used = new Uint8Array(columns + 1);
    match[0] = row;
    let column = 0;
    do {
      column = step({
        column,
        columns,
        cost,
        rowPotential,
        columnPotential,
        match,
        way,
        least,
        used,
      });
    } while (match[column] !== 0);
    while (column !== 0) {
      const before = way[column] ?? 0;
      match[column] = match[before] ?? 0;
      column = before;
    }
  }
  return Array.from({ length: columns }, (_, at) =>
    (match[at + 1] ?? 0) === 0 ? null : (match[at + 1] ?? 0) - 1,
  );
}

interface Search {
  readonly column: number;
  readonly columns: number;
  readonly cost: (row: number, column: number) => number;
  readonly rowPotential: Float64Array;
  readonly columnPotential: Float64Array;
  readonly match: Int32Array;
  readonly way: Int32Array;
  readonly least: Float64Array;
  readonly used: Uint8Array;
}

/** Takes the cheapest next column of the path and moves the potentials there. */
function step(search: Search): number {
  const { column, columns, cost, rowPotential, columnPotential, match, way, least, used } = search;
  used[column] = 1;
  const row = match[column] ?? 0;
  let delta = Number.POSITIVE_INFINITY;
  let next = 0;
  for (let at = 1; at <= columns; at += 1) {
    if (used[at] === 1) continue;
    const reduced = cost(row - 1, at - 1) - (rowPotential[row] ?? 0) - (columnPotential[at] ?? 0);
    if (reduced < (least[at] ?? 0)) {
      least[at] = reduced;
      way[at] = column;
    }
    if ((least[at] ?? 0) < delta) {
      delta = least[at] ?? 0;
      next = at;
    }
  }
  for (let at = 0; at <= columns; at += 1) {
    if (used[at] === 1) {
      const of = match[at] ?? 0;
      rowPotential[of] = (rowPotential[of] ?? 0) + delta;
      columnPotential[at] = (columnPotential[at] ?? 0) - delta;
    } else least[at] = (least[at] ?? 0) - delta;
  }
  return next;
}
