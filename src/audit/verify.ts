import { chainHash, GENESIS, type ChainRow } from './chain.ts';
import type { ChainFault } from './chain-fault.ts';
import { headProblem, type AuditHead } from './head.ts';
import { nameFault, type BrokenLink } from './name-fault.ts';

export interface ChainEvidence {
  readonly tenant: string;
  /** The key that signs this tenant's heads, known from outside the chain. */
  readonly publicKey: string;
  /** Heads from wherever they were kept, the database's own among them; the same head may come twice. */
  readonly heads: readonly AuditHead[];
}

/** Rows after a broken link that are looked at to tell what was done to it. */
const LOOK_AHEAD = 10_000;

interface Heads {
  readonly hashes: ReadonlyMap<number, readonly string[]>;
  readonly problems: ReadonlyMap<number, string>;
  /** The highest place that a sound head proves; 0 without one. */
  readonly last: number;
}

/**
 * Checks a whole chain, in its order from the first seal, against its hashes and signed heads. Null if nothing was
 * touched, otherwise the first bad row. Needs no database; memory does not grow with the chain.
 */
export async function verifyChain(
  rows: AsyncIterable<ChainRow> | Iterable<ChainRow>,
  evidence: ChainEvidence,
): Promise<ChainFault | null> {
  const heads = sortHeads(evidence);
  const rest: ChainRow[] = [];
  let before: ChainRow | null = null;
  let beforeThat = GENESIS;
  let lastSeq = 0;
  let broken: BrokenLink | null = null;
  for await (const row of rows) {
    lastSeq = row.seq;
    if (broken !== null) {
      if (rest.length < LOOK_AHEAD) rest.push(row);
      continue;
    }
    const previous: string = before?.hash ?? GENESIS;
    const fault = plainFault(row, (before?.seq ?? 0) + 1, previous) ?? headFault(row, heads);
    if (fault === 'broken') broken = { row, previous, before, beforeThat };
    else if (fault !== null) return fault;
    beforeThat = previous;
    before = row;
  }
  if (broken !== null) return nameFault(broken, rest, { lastSeq, provenSeq: heads.last });
  return endFault(lastSeq, heads);
}

function sortHeads(evidence: ChainEvidence): Heads {
  const hashes = new Map<number, string[]>();
  const problems = new Map<number, string>();
  for (const head of evidence.heads) {
    const problem = headProblem(head, evidence);
    if (problem !== null) problems.set(head.seq, problem);
    else hashes.set(head.seq, [...(hashes.get(head.seq) ?? []), head.hash]);
  }
  return { hashes, problems, last: highestBelow(hashes.keys(), Infinity) };
}

function highestBelow(places: Iterable<number>, limit: number): number {
  let highest = 0;
  for (const place of places) if (place < limit && place > highest) highest = place;
  return highest;
}

function plainFault(row: ChainRow, seq: number, previous: string): ChainFault | 'broken' | null {
  if (row.seq !== seq) {
    return {
      seq,
      eventId: null,
      reason: 'removed',
      message: `Seal ${seq} is gone; the next one there is ${row.seq}.`,
    };
  }
  if (row.entry === null) {
    const message = `The event ${row.eventId}, sealed as ${seq}, is gone.`;
    return { seq, eventId: row.eventId, reason: 'removed', message };
  }
  return chainHash(previous, row.entry) === row.hash ? null : 'broken';
}

function headFault(row: ChainRow, heads: Heads): ChainFault | null {
  const problem = heads.problems.get(row.seq);
  if (problem !== undefined) return badHead(row.seq, row.eventId, problem);
  const signed = heads.hashes.get(row.seq) ?? [];
  if (signed.every((hash) => hash === row.hash)) return null;
  const good = highestBelow(heads.hashes.keys(), row.seq);
  return {
    seq: row.seq,
    eventId: row.eventId,
    reason: 'forged',
    message: `Seal ${row.seq} carries another hash than the one that was signed: the chain was written anew, from a row after ${good} on.`,
  };
}

function endFault(lastSeq: number, heads: Heads): ChainFault | null {
  const bad = [...heads.problems].find(([seq]) => seq > lastSeq);
  if (bad !== undefined) return badHead(bad[0], null, bad[1]);
  if (heads.last > lastSeq) {
    const message = `A signed head proves ${heads.last} sealed events; ${lastSeq} are there. The newest were cut off.`;
    return { seq: lastSeq + 1, eventId: null, reason: 'tail_cut', message };
  }
  if (heads.last === lastSeq) return null;
  const message = `No signed head covers the seals after ${heads.last}: the sealer did not write them.`;
  return { seq: heads.last + 1, eventId: null, reason: 'inserted', message };
}

function badHead(seq: number, eventId: string | null, problem: string): ChainFault {
  return {
    seq,
    eventId,
    reason: 'bad_head',
    message: `The head at ${seq} proves nothing: ${problem}.`,
  };
}
