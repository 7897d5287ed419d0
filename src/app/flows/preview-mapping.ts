import { NotFoundError } from '../../kernel/errors.ts';
import { tracer, type TracedItem } from '../../mapping/trace-rows.ts';
import type { Caller } from '../../security/caller.ts';
import { compareSample, type ComparedSample } from '../compare-sample.ts';
import { openBench, type BenchInput, type MappingBench } from '../mapping-bench.ts';
import { personalView } from '../personal-view.ts';
import { pickSample } from '../pick-sample.ts';
import {
  errorOf,
  withPaths,
  type Preview,
  type PreviewItem,
  type PreviewRecord,
} from '../preview.ts';
import { previewDocuments, type PreviewDeps } from '../preview-documents.ts';

export interface PreviewInput extends BenchInput {
  /** A record by its id at the source, or a document by its canonical id. */
  readonly record?: string | undefined;
  /** Without a record: the edges of the stream, or the newest so many. */
  readonly sample: 'edges' | number;
}

/** A preview answers while somebody types; what is not mapped by then is left out. */
const PATIENCE_MS = 2_000;

/**
 * Shows what a draft makes of one record, or of a sample, field by field, beside what is in effect and what the target
 * holds. Who may not see personal data sees masks in its place. Writes nothing. Throws a ValidationError for a text that does not fit and NotFoundError for a record that has
 * not landed.
 */
export async function previewMapping(
  deps: PreviewDeps,
  caller: Caller,
  input: PreviewInput,
): Promise<Preview> {
  const bench = await deps.store.readTenant(caller.tenantId, (tx) => openBench(deps, tx, input));
  const head = {
    mapping: bench.id,
    connection: bench.connection.id,
    object: bench.direction.kind === 'inbound' ? bench.direction.stream : bench.direction.object,
    hash: bench.draft.mapping.hash,
    liveHash: bench.live?.mapping.hash ?? null,
  };
  const preview =
    bench.direction.kind === 'outbound'
      ? await previewDocuments(deps, caller, bench, input)
      : await previewRecords(deps, caller, bench, input);
  return { ...head, ...preview, records: seenBy(deps, caller, bench, preview.records) };
}

/** The records as the caller may see them: who may not see personal data sees masks. */
function seenBy(
  deps: PreviewDeps,
  caller: Caller,
  bench: MappingBench,
  records: readonly PreviewRecord[],
): readonly PreviewRecord[] {
  const view = personalView(deps.registry, caller, bench.connection.connector, {
    draft: bench.draft.mapping.document,
    live: bench.live?.mapping.document ?? null,
    shipped: deps.mappings.find(bench.id)?.document ?? null,
  });
  return records.map((record) => ({
    ...record,
    source: view.source(record.id, record.source),
    items: record.items.map((item) => ({ ...item, fields: item.fields.map(view.field) })),
  }));
}

function previewRecords(
  deps: PreviewDeps,
  caller: Caller,
  bench: MappingBench,
  input: PreviewInput,
): Promise<Pick<Preview, 'records' | 'notes'>> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const picked =
      input.record === undefined
        ? await pickSample(tx, bench, input.sample)
        : [{ id: input.record, why: [] }];
    const options = {
      startedAt: deps.clock.now().toISOString(),
      given: new Map<string, string>(),
      until: performance.now() + PATIENCE_MS,
    };
    const compared = await compareSample(
      tx,
      bench,
      picked.map(({ id }) => id),
      options,
    );
    if (input.record !== undefined && compared.length === 0) throw notLanded(bench, input.record);
    const why = new Map(picked.map((each) => [each.id, each.why]));
    const trace = tracer(bench.draft.mapping, deps.mappings.steps);
    return {
      records: compared.map((each) => toPreview(bench, each, why.get(each.record.id) ?? [], trace)),
      notes: notesOf(picked.length, compared.length),
    };
  });
}

function notesOf(picked: number, shown: number): readonly string[] {
  if (picked === 0) return ['Nothing of this object has landed yet. Pull it first.'];
  if (shown === picked) return [];
  return [`${picked - shown} of the ${picked} records are left out: the expressions are too slow.`];
}

function notLanded(bench: MappingBench, record: string): NotFoundError {
  const { direction, connection } = bench;
  const stream = direction.kind === 'inbound' ? direction.stream : direction.object;
  return new NotFoundError(
    `No ${stream} "${record}" has landed from "${connection.id}". Pull it first, or take a sample.`,
  );
}

function toPreview(
  bench: MappingBench,
  sample: ComparedSample,
  why: readonly string[],
  trace: ReturnType<typeof tracer>,
): PreviewRecord {
  const { record, draft, live, compared } = sample;
  const items =
    draft.kind === 'failed'
      ? tracedItems(sample, trace(record, sample.context))
      : compared.items.map((item) => withPaths(bench, item));
  return {
    id: record.id,
    why,
    deleted: record.deleted,
    source: record.data,
    kind: draft.kind,
    outcome: compared.outcome,
    error: errorOf(draft),
    liveKind: live?.kind ?? null,
    liveError: live === null ? null : errorOf(live),
    items,
    presentKnown: true,
  };
}

/** A record that fails shows every row all the same: what each gives, and why each that fails does. */
function tracedItems(
  sample: ComparedSample,
  traced: readonly TracedItem[],
): readonly PreviewItem[] {
  const lived = sample.live?.kind === 'mapped' ? sample.live.items : [];
  return traced.map((rows, at) => {
    const ref = rows.find(({ row }) => row === 'externalRef')?.value;
    const refText = typeof ref === 'string' ? ref : '';
    const live = lived.find((item) => item.ref === refText) ?? lived[at];
    const present = sample.present.find((item) => item.ref === refText) ?? sample.present[at];
    const fields = rows.map(({ row, path, value, error }) => {
      const liveValue = live?.values[row] ?? null;
      const presentValue = present?.values[row] ?? null;
      return {
        field: row,
        path,
        draft: value,
        live: liveValue,
        present: presentValue,
        differs: JSON.stringify(value) !== JSON.stringify(liveValue),
        // A record that fails keeps what it gave before.
        changes: false,
        error,
      };
    });
    const noun = live?.noun ?? present?.noun ?? '';
    return { noun, ref: refText, change: 'same' as const, fields };
  });
}
