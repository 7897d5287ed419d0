/** One part of a content that others changed while somebody wrote: as it was, as others have it, as the writer has it. Undefined is "not there". */
export interface Part {
  readonly name: string;
  readonly was: unknown;
  readonly theirs: unknown;
  readonly mine: unknown;
}

export type Choice = 'theirs' | 'mine';
type Parts = Readonly<Record<string, unknown>>;

/** The parts that others changed since and that the writer does not have just so, by name. */
export function movedParts(was: Parts, theirs: Parts, mine: Parts): readonly Part[] {
  const names = new Set([...Object.keys(was), ...Object.keys(theirs)]);
  return [...names]
    .toSorted()
    .map((name) => ({ name, was: of(was, name), theirs: of(theirs, name), mine: of(mine, name) }))
    .filter((part) => !same(part.was, part.theirs) && !same(part.theirs, part.mine));
}

/** What is right without asking: what the writer never touched is as others have it. Null where both changed it. */
export function proposedChoice({ was, mine }: Part): Choice | null {
  return same(was, mine) ? 'theirs' : null;
}

/** True for equal JSON, whatever the order of its members. */
export function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isHolder(one) || !isHolder(other) || Array.isArray(one) !== Array.isArray(other))
    return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => same(of(one, name), of(other, name)));
}

function isHolder(value: unknown): value is Parts {
  return typeof value === 'object' && value !== null;
}

function of(holder: Parts, name: string): unknown {
  return Object.hasOwn(holder, name) ? holder[name] : undefined;
}
