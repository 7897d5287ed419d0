import type { Exception } from '../canonical/exception.ts';
import type { TenantTx } from '../db/store.ts';
import type { Quantity } from '../kernel/quantity.ts';
import type { Fact } from '../ledger/fact.ts';
import type { AppliedException } from './exceptions.ts';
import { figuresOf, meteringOf, type ExpiryForecast, type Metrics } from './figures.ts';
import { poolsOf } from './pools.ts';
import { latestRun } from './runs.ts';
import type { Snapshot } from './snapshot.ts';

/** What an exception does to one position. */
export interface ExceptionEffect {
  readonly lineId: string;
  readonly skuCode: string;
  /** Persons and machines that it takes out of the count. */
  readonly subjects: number;
  /** Rights that are required less. */
  readonly quantity: Quantity;
  readonly required: Quantity;
  /** Required, and short, once it ends, with the rights and the use of the day of the count. */
  readonly requiredAfter: Quantity;
  readonly shortfallAfter: Quantity;
}

/** What an exception would do to the positions of a snapshot, if it were in force. Pure. */
export function previewException(
  snapshot: Snapshot,
  metrics: Metrics,
  body: Exception,
): readonly ExceptionEffect[] {
  const fact: Fact<'exception'> = {
    factId: 'preview',
    noun: 'exception',
    connection: 'trueup',
    externalRef: body.externalRef,
    body,
    lineage: null,
    recordedFrom: snapshot.knownAt,
  };
  const others = snapshot.exceptions.filter(({ externalRef }) => externalRef !== body.externalRef);
  const world = { ...snapshot, exceptions: [...others, fact] };
  const metering = meteringOf(world, metrics);
  return poolsOf(world)
    .filter((pool) => metering.exceptions(pool).includes(fact))
    .flatMap((pool) => {
      const { exempted, expiries, met } = figuresOf(pool, metering);
      const { id: lineId, skuCode } = pool;
      const found = {
        lineId,
        skuCode,
        required: met.required,
        applied: exempted.applied,
        expiries,
      };
      return effectsOf(body.externalRef, found);
    });
}

/** What an exception did to the positions of the latest reconciliation of today; none before the first one. */
export async function effectInLatestRun(
  tx: TenantTx,
  id: string,
): Promise<{ readonly runId: string | null; readonly lines: readonly ExceptionEffect[] }> {
  const run = await latestRun(tx);
  if (run === undefined) return { runId: null, lines: [] };
  const rows = await tx.sql<{
    readonly lineId: string;
    readonly skuCode: string;
    readonly required: string;
    readonly inputs: {
      readonly exceptions?: readonly AppliedException[];
      readonly expiries?: readonly ExpiryForecast[];
    };
  }>(
    `select p.line_id as "lineId", p.sku_code as "skuCode", trim_scale(p.rights_required)::text as required, p.inputs
     from position_line p where p.run_id = $1 and p.inputs->'exceptions' @> $2::jsonb order by p.line_id`,
    [run.id, JSON.stringify([{ id }])],
  );
  return {
    runId: run.id,
    lines: rows.flatMap(({ inputs, ...line }) =>
      effectsOf(id, { ...line, applied: inputs.exceptions ?? [], expiries: inputs.expiries ?? [] }),
    ),
  };
}

function effectsOf(
  id: string,
  line: {
    readonly lineId: string;
    readonly skuCode: string;
    readonly required: Quantity;
    readonly applied: readonly AppliedException[];
    readonly expiries: readonly ExpiryForecast[];
  },
): ExceptionEffect[] {
  const { lineId, skuCode, required, applied, expiries } = line;
  const own = applied.find((each) => each.id === id);
  const end = expiries.find(({ exceptions }) => exceptions.includes(id));
  if (own === undefined || end === undefined) return [];
  return [
    {
      lineId,
      skuCode,
      subjects: own.subjects.length,
      quantity: own.quantity,
      required,
      requiredAfter: end.required,
      shortfallAfter: end.shortfall,
    },
  ];
}
