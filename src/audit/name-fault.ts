import { chainHash, type ChainRow } from './chain.ts';
import type { ChainFault, FaultReason } from './chain-fault.ts';

/** The first row whose hash does not follow from the row before it. */
export interface BrokenLink {
  readonly row: ChainRow;
  /** The hash of the row before, and of the one before that. */
  readonly previous: string;
  readonly before: ChainRow | null;
  readonly beforeThat: string;
}

interface Extent {
  readonly lastSeq: number;
  /** The highest place that a signed head proves. */
  readonly provenSeq: number;
}

/**
 * Tells what was done where a chain breaks, from the rows around the break: a chain without the odd row shows an
 * insertion, a later row that fits here an exchange, a chain shorter than a signed head a removal; what is left is a
 * change of the row itself.
 */
export function nameFault(
  broken: BrokenLink,
  rest: readonly ChainRow[],
  extent: Extent,
): ChainFault {
  const { row, before } = broken;
  if (before !== null && fits(broken.beforeThat, row)) {
    return fault('inserted', before.seq, before.eventId, 'A row was put into the chain here.');
  }
  if (isInserted(broken, rest, extent))
    return fault('inserted', row.seq, row.eventId, 'A row was put into the chain here.');
  if (rest.some((later) => fits(broken.previous, later) || isSealOf(broken, later))) {
    return fault(
      'reordered',
      row.seq,
      row.eventId,
      'Rows of the chain changed places from here on.',
    );
  }
  if (extent.lastSeq < extent.provenSeq) {
    return fault(
      'removed',
      row.seq,
      null,
      `The row that stood here is gone, and those after it moved up to ${extent.lastSeq}.`,
    );
  }
  return fault(
    'altered',
    row.seq,
    row.eventId,
    'The event or its seal was changed after it was sealed.',
  );
}

function fits(previous: string, row: ChainRow): boolean {
  return row.entry !== null && chainHash(previous, row.entry) === row.hash;
}

/** True if the hash that stands at the break belongs to the event of a later row. */
function isSealOf(broken: BrokenLink, later: ChainRow): boolean {
  return later.entry !== null && chainHash(broken.previous, later.entry) === broken.row.hash;
}

/** True if the chain goes on without the row: the next follows from the one before, and the one after from the next. */
function isInserted(broken: BrokenLink, rest: readonly ChainRow[], extent: Extent): boolean {
  const [next, afterNext] = rest;
  if (next === undefined || !fits(broken.previous, next)) return false;
  return afterNext === undefined ? extent.lastSeq > extent.provenSeq : fits(next.hash, afterNext);
}

function fault(
  reason: FaultReason,
  seq: number,
  eventId: string | null,
  message: string,
): ChainFault {
  return { seq, eventId, reason, message };
}
