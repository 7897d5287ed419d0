import { HubError, messageOf, NotFoundError, StoreUnavailable } from '../kernel/errors.ts';
import { externalIdOf } from '../kernel/ids.ts';
import type { Caller } from '../security/caller.ts';
import {
  compareDocuments,
  outboundContext,
  outboundOf,
  type PresentRecords,
} from './compare-documents.ts';
import type { Deps } from './deps.ts';
import type { MappingBench } from './mapping-bench.ts';
import { outboundDocuments } from './outbound-documents.ts';
import type { SourceDocument } from './source-document.ts';
import type { Preview, PreviewRecord } from './preview.ts';
import { errorOf, withPaths } from './preview.ts';

/** What previews work with. */
export type PreviewDeps = Pick<Deps, 'store' | 'mappings' | 'clock' | 'sessions'> & {
  readonly registry: Pick<Deps['registry'], 'connectors'>;
};

/** Documents that a preview takes at most: each asks the vendor. */
const MOST = 20;

/** The records of an outbound preview: documents that commerce would hand over now, beside what the vendor holds. */
export async function previewDocuments(
  deps: PreviewDeps,
  caller: Caller,
  bench: MappingBench,
  input: { readonly record?: string | undefined; readonly sample: 'edges' | number },
): Promise<Pick<Preview, 'records' | 'notes'>> {
  const { document: name } = outboundOf(bench);
  const startedAt = deps.clock.now().toISOString();
  const { documents, context } = await deps.store.readTenant(caller.tenantId, async (tx) => ({
    documents: chosen(await outboundDocuments(deps, tx, name, bench.connection.id), name, input),
    context: await outboundContext(tx, bench, startedAt),
  }));
  if (documents.length === 0)
    return { records: [], notes: [`There is no ${name} now, so nothing would be written.`] };
  const { present, note } = await heldByVendor(deps, caller.tenantId, bench, documents);
  const compared = await compareDocuments(bench, documents, context, present);
  const records = compared.map(({ document, draft, live, compared: record }): PreviewRecord => ({
    id: document.canonicalId,
    why: [],
    deleted: false,
    source: document.data,
    kind: draft.kind,
    outcome: record.outcome,
    error: errorOf(draft),
    liveKind: live?.kind ?? null,
    liveError: live === null ? null : errorOf(live),
    items: record.items.map((item) => withPaths(bench, item)),
    presentKnown: present !== null,
  }));
  return { records, notes: note === null ? [] : [note] };
}

/** One document by its id, or as many as are asked for, spread over all of them. */
function chosen(
  all: readonly SourceDocument[],
  name: string,
  { record, sample }: { readonly record?: string | undefined; readonly sample: 'edges' | number },
): readonly SourceDocument[] {
  if (record !== undefined) {
    const found = all.find(({ canonicalId }) => canonicalId === record);
    if (found !== undefined) return [found];
    throw new NotFoundError(
      `There is no ${name} "${record}" now. Take a sample to see which there are.`,
    );
  }
  const most = Math.min(sample === 'edges' ? MOST : sample, MOST);
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)]).filter(
    (each) => each !== undefined,
  );
}

/** What the vendor holds now. A system that cannot be asked is said, and its values are unknown. */
async function heldByVendor(
  deps: PreviewDeps,
  tenantId: string,
  bench: MappingBench,
  documents: readonly SourceDocument[],
): Promise<{ readonly present: PresentRecords; readonly note: string | null }> {
  const { object } = outboundOf(bench);
  const connection = bench.connection.id;
  const ids = new Map(
    documents.map(({ canonicalId }) => [
      externalIdOf({ tenantId, connection, object, canonicalId }),
      canonicalId,
    ]),
  );
  // Records that we did not make are found by the vendor's own ids.
  const theirs = new Map(
    documents.flatMap(({ vendorId, canonicalId }) =>
      vendorId === null ? [] : [[vendorId, canonicalId] as const],
    ),
  );
  try {
    const session = await deps.sessions.of(tenantId, connection);
    const held = await session.readBack(object, [...ids.keys()], [...theirs.keys()]);
    const present = new Map(
      held.map(({ externalId, vendorId, fields }) => [
        ids.get(externalId) ?? theirs.get(vendorId) ?? externalId,
        fields,
      ]),
    );
    return { present, note: null };
  } catch (error) {
    if (!(error instanceof HubError) || error instanceof StoreUnavailable) throw error;
    return {
      present: null,
      note: `What ${connection} holds now could not be read: ${messageOf(error)}`,
    };
  }
}
