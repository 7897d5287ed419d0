import { contains, type LocalDate } from '../kernel/dates.ts';
import { compareQuantity, excess, type Quantity } from '../kernel/quantity.ts';
import type { Fact } from '../ledger/fact.ts';
import { byAccount } from '../ledger/identity/identities.ts';
import type { MeterResult } from '../sdk/define-metric.ts';
import { buildCatalogue } from './catalogue.ts';
import { exemptibleOf, withoutSubjects, type Exemptible } from './exemptible.ts';
import type { Pool } from './pools.ts';
import type { Snapshot } from './snapshot.ts';
import { bySource } from './sort.ts';

/** What one exception takes out of a pool. */
export interface AppliedException {
  readonly id: string;
  readonly factId: string;
  readonly kind: Fact<'exception'>['body']['kind'];
  /** The first day on which it excludes nothing. */
  readonly validTo: LocalDate;
  readonly subjects: readonly string[];
  /** Rights that are required less because of it. */
  readonly quantity: Quantity;
}

/** A count with what exceptions took out of it before it was made. */
export interface ExemptedDemand {
  readonly met: MeterResult;
  /** What would be required without any exception. */
  readonly gross: Quantity;
  readonly applied: readonly AppliedException[];
}

/** How a pool is counted. */
type Meter = (pool: Pool) => MeterResult;

/**
 * The exceptions of each pool that are in force on the snapshot's day, in the order of their ids. One that is not approved, or
 * whose end has come, is none (rule c.4, G-09).
 */
export function exceptionsInForce(
  snapshot: Snapshot,
): (pool: Pool) => readonly Fact<'exception'>[] {
  const catalogue = buildCatalogue(snapshot.skus, snapshot.skuAliases, snapshot.asOf);
  const day = snapshot.demandDay ?? snapshot.asOf;
  const inForce = snapshot.exceptions
    .filter(
      ({ body }) =>
        body.status === 'approved' && contains({ from: body.validFrom, to: body.validTo }, day),
    )
    .toSorted(bySource);
  return (pool) =>
    inForce.filter(({ connection, body: { ownerRef, skuCode } }) => {
      const ofOwner = ownerRef === undefined || ownerRef === pool.ownerRef;
      return (
        ofOwner &&
        (skuCode === undefined || catalogue.resolve(connection, skuCode) === pool.skuCode)
      );
    });
}

/**
 * Counts a pool without what its exceptions name (rule c.4): before metering, one exception after the other, subjects in the
 * order of their ids. A cap bounds the rights that an exception stands for, so it takes out as many of its subjects, from the
 * first on, as stay within it. A subject that needs no right anyway is nobody's exception.
 */
export function exempt(
  pool: Pool,
  exceptions: readonly Fact<'exception'>[],
  meter: Meter,
): ExemptedDemand {
  const whole = meter(pool);
  const applied: AppliedException[] = [];
  let left = pool;
  let met = whole;
  for (const fact of exceptions) {
    const candidates = named(fact, left, met);
    const count = withinCap(candidates, fact.body.quantityCap, left, met.required, meter);
    if (count === 0) continue;
    const taken = candidates.slice(0, count);
    left = withoutSubjects(left, taken);
    const after = meter(left);
    applied.push({
      id: fact.externalRef,
      factId: fact.factId,
      kind: fact.body.kind,
      validTo: fact.body.validTo,
      subjects: taken.map(({ subjectId }) => subjectId),
      quantity: excess(met.required, after.required),
    });
    met = after;
  }
  return { met, gross: whole.required, applied };
}

/** What an exception names of a pool, as far as it needs rights; all of it where the exception names nobody. */
function named(
  { connection, body: { subjectRefs } }: Fact<'exception'>,
  pool: Pool,
  met: MeterResult,
): readonly Exemptible[] {
  const needless = new Set(met.excluded.map(({ subjectId }) => subjectId));
  const refs = new Set(subjectRefs.flatMap((ref) => [ref, byAccount(connection, ref)]));
  return exemptibleOf(pool).filter(
    ({ subjectId, names }) =>
      !needless.has(subjectId) && (refs.size === 0 || names.some((name) => refs.has(name))),
  );
}

/**
 * How many of the candidates may be taken out, from the first on. Taking one more never raises what is required, so the
 * bound is found by halving, under every metric.
 */
function withinCap(
  candidates: readonly Exemptible[],
  cap: Quantity | undefined,
  pool: Pool,
  required: Quantity,
  meter: Meter,
): number {
  const fits = (count: number): boolean => {
    const left = meter(withoutSubjects(pool, candidates.slice(0, count)));
    return compareQuantity(excess(required, left.required), cap ?? '0') <= 0;
  };
  if (cap === undefined || fits(candidates.length)) return candidates.length;
  let most = 0;
  let tooMany = candidates.length;
  while (tooMany - most > 1) {
    const half = Math.floor((most + tooMany) / 2);
    if (fits(half)) most = half;
    else tooMany = half;
  }
  return most;
}

/** What a pool will require from a day on, when exceptions end on it; with the rights and the use of today. */
export interface ExceptionExpiry {
  readonly on: LocalDate;
  readonly exceptions: readonly string[];
  readonly required: Quantity;
}

/** The ends that lie ahead of the exceptions that a pool has, the next one first. */
export function expiriesOf(
  pool: Pool,
  exceptions: readonly Fact<'exception'>[],
  applied: readonly AppliedException[],
  meter: Meter,
): readonly ExceptionExpiry[] {
  const days = [...new Set(applied.map(({ validTo }) => validTo))].toSorted();
  return days.map((on) => ({
    on,
    exceptions: applied.filter(({ validTo }) => validTo === on).map(({ id }) => id),
    required: exempt(
      pool,
      exceptions.filter(({ body }) => body.validTo > on),
      meter,
    ).met.required,
  }));
}
