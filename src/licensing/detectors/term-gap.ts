import { addDays, type LocalDate, type Period } from '../../kernel/dates.ts';
import type { DriftWorld } from '../drift-world.ts';
import type { Pool } from '../pools.ts';
import { compareText } from '../sort.ts';
import type { Detector } from './detector.ts';
import { ownerWords, poolFinding } from './pool-finding.ts';

interface Gap {
  readonly from: LocalDate;
  readonly to: LocalDate;
}

/** The days between two terms of a pool on which no right was in force, after the first of `since`. */
function gapsOf(pool: Pool, since: LocalDate): readonly Gap[] {
  const terms = pool.entitlements
    .filter(({ reason }) => reason === 'in_force' || reason === 'not_in_force')
    .flatMap(({ transactions }) => transactions)
    .filter(({ rights }) => !rights.startsWith('-') && rights !== '0')
    .map(({ fact }): Period => ({ from: fact.body.validFrom ?? since, to: fact.body.validTo }))
    .toSorted((left, right) => compareText(left.from, right.from));
  const gaps: Gap[] = [];
  let covered: LocalDate | undefined = terms[0]?.from;
  for (const { from, to } of terms) {
    if (covered === undefined) break;
    if (from > covered && from > since)
      gaps.push({ from: covered > since ? covered : since, to: from });
    covered = to === undefined ? undefined : to > covered ? to : covered;
  }
  return gaps;
}

/** Seats held and use seen within a gap. */
function usedWithin(gap: Gap, pool: Pool): readonly string[] {
  return pool.claims.flatMap(({ record }) => {
    if (record.noun === 'seatAssignment') {
      const { validFrom, validTo } = record.body;
      // Without its first day nobody can say that a seat was held then.
      const held = validFrom !== undefined && validFrom < gap.to && (validTo ?? gap.to) > gap.from;
      return held ? [record.factId] : [];
    }
    const day = new Date(record.body.observedAt).toISOString().slice(0, 10);
    return day >= gap.from && day < gap.to ? [record.factId] : [];
  });
}

function findingsOf(pool: Pool, world: DriftWorld) {
  const position = world.lines.get(pool.id);
  if (position === undefined) return [];
  const since = addDays(world.snapshot.asOf, -365);
  return gapsOf(pool, since).flatMap((gap) => {
    const used = usedWithin(gap, pool);
    if (used.length === 0) return [];
    return poolFinding(
      { pool, position },
      {
        more: used,
        summary: `No right of ${pool.skuCode} was in force for ${ownerWords({ pool, position })} from ${gap.from} to ${gap.to} (first day after), and it was used. Close the gap by an amendment, or settle the use.`,
      },
    ).slice(0, 1);
  });
}

/** Use between two terms, on days for which nobody bought a right (domain e). Buying later does not cure it. */
export const termGap: Detector = {
  kind: 'term_gap',
  version: 1,
  severity: 'high',
  detect(world) {
    return world.pools.flatMap((pool) => findingsOf(pool, world));
  },
};
