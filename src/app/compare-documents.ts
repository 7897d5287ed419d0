import type { TenantTx } from '../db/store.ts';
import { lastWritten } from '../delivery/last-written.ts';
import { InternalError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { compareReadings, type ComparedRecord } from '../mapping/compare-readings.ts';
import type { OutboundContext, OutboundPlan } from '../mapping/compile-outbound.ts';
import { loadLookups } from '../mapping/load-lookups.ts';
import { readDocument, valuesByRow, type RecordReading } from '../mapping/reading.ts';
import type { MappingBench } from './mapping-bench.ts';
import type { SourceDocument } from './source-document.ts';
import { takeTurns } from './take-turns.ts';

/** A document under the draft and under what is in effect, beside the target's record. */
export interface ComparedDocument {
  readonly document: SourceDocument;
  readonly draft: RecordReading;
  readonly live: RecordReading | null;
  readonly compared: ComparedRecord;
}

/** The target's records by canonical id; null where the target could not be read. */
export type PresentRecords = ReadonlyMap<string, JsonObject> | null;

/** Maps documents under both versions and compares them with the target's records. */
export async function compareDocuments(
  bench: MappingBench,
  documents: readonly SourceDocument[],
  context: OutboundContext,
  present: PresentRecords,
): Promise<readonly ComparedDocument[]> {
  const { draft, live, object, rows } = outboundOf(bench);
  const turn = takeTurns();
  const all: ComparedDocument[] = [];
  for (const document of documents) {
    const given = { canonicalId: document.canonicalId, data: document.data };
    const readings = {
      draft: readDocument(draft, given, rows, context),
      live: live === null ? null : readDocument(live, given, rows, context),
    };
    const found = present?.get(document.canonicalId);
    const items =
      found === undefined
        ? []
        : [{ noun: object, ref: document.canonicalId, values: valuesByRow(found, rows) }];
    const compared = compareReadings({
      ...readings,
      present: present === null ? null : items,
      isTaken: () => false,
    });
    all.push({ document, ...readings, compared });
    await turn();
  }
  return all;
}

/** What both versions look at beside the documents. */
export async function outboundContext(
  tx: TenantTx,
  { draft, live }: MappingBench,
  startedAt: string,
): Promise<OutboundContext> {
  const tables = [...draft.plan.lookups, ...(live?.plan.lookups ?? [])];
  return { lookups: await loadLookups(tx, [...new Set(tables)]), startedAt };
}

/** What we last wrote, for whole runs: asking the vendor for ten thousand records would spend its calls. */
export async function writtenRecords(
  tx: TenantTx,
  bench: MappingBench,
  documents: readonly SourceDocument[],
): Promise<PresentRecords> {
  const { object } = outboundOf(bench);
  const written = await lastWritten(
    tx,
    { connection: bench.connection.id, object },
    documents.map(({ canonicalId }) => canonicalId),
  );
  return new Map(written.map(({ canonicalId, payload }) => [canonicalId, payload]));
}

/** The outbound sides of a bench, and every target field that either has a row for. */
export function outboundOf({ id, draft, live, direction }: MappingBench): {
  readonly draft: OutboundPlan;
  readonly live: OutboundPlan | null;
  readonly document: string;
  readonly object: string;
  readonly rows: readonly string[];
} {
  if (direction.kind !== 'outbound' || draft.plan.kind !== 'outbound')
    throw new InternalError(`The mapping ${id} writes no other system.`);
  const rows = [draft, live].flatMap((side) => Object.keys(side?.mapping.document.fields ?? {}));
  return {
    draft: draft.plan,
    live: live?.plan.kind === 'outbound' ? live.plan : null,
    document: direction.document,
    object: direction.object,
    rows: [...new Set(rows)],
  };
}
