import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { newestRecordIds } from '../../intake/newest-records.ts';
import { messageOf } from '../../kernel/errors.ts';
import {
  addToShadow,
  endShadow,
  getShadow,
  openShadow,
  type ShadowRun,
} from '../../mapping/shadow-runs.ts';
import { createShadowTally, type ShadowTally } from '../../mapping/shadow-tally.ts';
import type { Caller } from '../../security/caller.ts';
import { compareSample, type GivenRefs } from '../compare-sample.ts';
import type { Deps } from '../deps.ts';
import { compareDocuments, outboundContext, writtenRecords } from '../compare-documents.ts';
import { openBench, type BenchInput, type MappingBench } from '../mapping-bench.ts';
import { outboundDocuments } from '../outbound-documents.ts';
import type { SourceDocument } from '../source-document.ts';

export interface ShadowInput extends BenchInput {
  /** How many of the records that landed last. */
  readonly records: number;
}

/** Records of one transaction: small enough that others' requests are answered in between. */
const CHUNK = 500;
const LONG_MS = 1_000;

/**
 * Runs a draft over the records that landed last, beside the version in effect and what the target holds, and keeps the
 * totals and the first differences. Writes nothing else. Between chunks others have their turn, and another request may
 * have cancelled the run. Throws a ValidationError for a text that does not fit.
 */
export async function shadowMapping(
  deps: Pick<Deps, 'store' | 'mappings' | 'clock'>,
  caller: Caller,
  input: ShadowInput,
): Promise<ShadowRun> {
  const { tenantId } = caller;
  const bench = await deps.store.readTenant(tenantId, (tx) => openBench(deps, tx, input));
  const work = await deps.store.readTenant(tenantId, (tx) =>
    workOf(deps, tx, bench, input.records),
  );
  const id = await deps.store.withTenant(tenantId, (tx) => open(tx, caller, bench, work.length));
  const tally = createShadowTally(bench.draft.plan, bench.live?.plan ?? null);
  const given: GivenRefs = new Map();
  const startedAt = deps.clock.now().toISOString();
  try {
    let size = CHUNK;
    for (let from = 0; from < work.length;) {
      const chunk = work.slice(from, from + size);
      const began = performance.now();
      from += chunk.length;
      await deps.store.readTenant(tenantId, (tx) =>
        tallyChunk(tx, { bench, chunk, tally, given, startedAt }),
      );
      const goesOn = await deps.store.withTenant(tenantId, (tx) =>
        addToShadow(tx, id, tally.totals(), tally.take()),
      );
      if (!goesOn) break;
      size = nextSize(size, performance.now() - began);
    }
    await deps.store.withTenant(tenantId, (tx) => endShadow(tx, id, 'done'));
  } catch (error) {
    await deps.store
      .withTenant(tenantId, (tx) => endShadow(tx, id, 'failed', messageOf(error)))
      .catch(() => undefined);
    throw error;
  }
  return deps.store.readTenant(tenantId, (tx) => getShadow(tx, id));
}

/** Slow expressions make chunks small, so that a run can be cancelled within about a second. */
function nextSize(size: number, tookMs: number): number {
  if (tookMs > LONG_MS) return Math.max(1, Math.floor((size * LONG_MS) / tookMs));
  return Math.min(CHUNK, size * 2);
}

function objectOf({ direction }: MappingBench): string {
  return direction.kind === 'inbound' ? direction.stream : direction.object;
}

/** What there is to look at: records by id, or documents whole, which are made all at once. */
type Piece = { readonly id: string } | { readonly document: SourceDocument };

async function workOf(
  deps: Pick<Deps, 'clock'>,
  tx: TenantTx,
  bench: MappingBench,
  records: number,
): Promise<readonly Piece[]> {
  const { connection, direction } = bench;
  if (direction.kind === 'inbound') {
    const place = { connection: connection.id, stream: direction.stream };
    return (await newestRecordIds(tx, place, records)).map((id) => ({ id }));
  }
  const documents = await outboundDocuments(deps, tx, direction.document, connection.id);
  return documents.slice(0, records).map((document) => ({ document }));
}

async function open(
  tx: TenantTx,
  caller: Caller,
  bench: MappingBench,
  wanted: number,
): Promise<string> {
  const id = await openShadow(tx, {
    mappingId: bench.id,
    connection: bench.connection.id,
    object: objectOf(bench),
    draftHash: bench.draft.mapping.hash,
    liveHash: bench.live?.mapping.hash ?? null,
    requestedBy: caller.personId,
    wanted,
  });
  await appendAudit(tx, {
    actor: caller.actor,
    action: 'mapping.shadowed',
    subject: { type: 'mapping', id: bench.id },
    details: { shadow: id, hash: bench.draft.mapping.hash, records: wanted },
  });
  return id;
}

interface Chunk {
  readonly bench: MappingBench;
  readonly chunk: readonly Piece[];
  readonly tally: ShadowTally;
  readonly given: GivenRefs;
  readonly startedAt: string;
}

async function tallyChunk(tx: TenantTx, work: Chunk): Promise<void> {
  const { bench, chunk, tally, given, startedAt } = work;
  if (bench.direction.kind === 'outbound') {
    const documents = chunk.flatMap((piece) => ('document' in piece ? [piece.document] : []));
    const context = await outboundContext(tx, bench, startedAt);
    const present = await writtenRecords(tx, bench, documents);
    for (const { document, draft, compared } of await compareDocuments(
      bench,
      documents,
      context,
      present,
    ))
      tally.add(document.canonicalId, draft, compared);
    return;
  }
  const ids = chunk.flatMap((piece) => ('id' in piece ? [piece.id] : []));
  for (const { record, draft, compared } of await compareSample(tx, bench, ids, {
    startedAt,
    given,
  }))
    tally.add(record.id, draft, compared);
}
