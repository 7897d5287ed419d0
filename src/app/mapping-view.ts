import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { findDraft, listDrafts, type MappingDraft } from '../mapping/drafts.ts';
import { directionOf, isProblem } from '../mapping/language/direction.ts';
import type { MappingDocument } from '../mapping/language/mapping-document.ts';
import { fieldsRead, fieldsWritten } from '../mapping/fields-read.ts';
import { listAllPauses, type MappingPause } from '../mapping/paused-mappings.ts';
import { liveVersion, liveVersions, type MappingVersion } from '../mapping/versions.ts';
import type { Deps } from './deps.ts';
import { mappingHealth, type MappingHealth } from './mapping-health.ts';
import { mappingStewards, type MappingStewarding } from './mapping-stewards.ts';

/** A mapping as it is shown: what is in effect, what is being written, and whether it works. */
export interface MappingView extends MappingHealth, MappingStewarding {
  readonly id: string;
  readonly title: string;
  readonly direction: 'inbound' | 'outbound';
  readonly source: MappingDocument['source'];
  readonly target: MappingDocument['target'];
  readonly live: {
    readonly version: number;
    readonly origin: MappingVersion['origin'];
    readonly hash: string;
    readonly publishedAt: Date | null;
    readonly publishedBy: string | null;
  } | null;
  readonly draft: Pick<
    MappingDraft,
    'revision' | 'state' | 'updatedBy' | 'updatedAt' | 'baseVersion'
  > | null;
  /** The version that this release ships, where another one is in effect in its place. */
  readonly shippedVersion: number | null;
  readonly state: 'ok' | 'degraded' | 'paused';
  readonly degraded: readonly Degraded[];
}

/** A field of a connected system that is not what a mapping expects, and the rows that read it. */
export interface Degraded {
  readonly connection: string;
  readonly field: string;
  readonly rows: readonly string[];
  readonly reason: string;
  readonly since: Date;
}

/** A mapping with what is in effect of it; where nothing is, what its draft says. */
export interface MappingDetail extends MappingView {
  readonly text: string;
  readonly document: MappingDocument;
}

type MappingDeps = Pick<Deps, 'mappings'>;

/** Every mapping, by id. */
export async function mappingViews(
  deps: MappingDeps,
  tx: TenantTx,
): Promise<readonly MappingView[]> {
  const live = new Map(
    (await liveVersions(tx, deps.mappings)).map((version) => [version.mappingId, version]),
  );
  const drafts = new Map((await listDrafts(tx)).map((draft) => [draft.mappingId, draft]));
  const pauses = Map.groupBy(await listAllPauses(tx), ({ mappingId }) => mappingId);
  const told = await toldOf(tx);
  const ids = [...new Set([...live.keys(), ...drafts.keys()])].toSorted();
  return ids.flatMap((id) => {
    const parts = { live: live.get(id) ?? null, draft: drafts.get(id) ?? null };
    const view = viewOf(deps, id, parts, pauses.get(id) ?? [], told);
    return view === null ? [] : [view];
  });
}

/** One mapping. Throws NotFoundError. */
export async function mappingDetail(
  deps: MappingDeps,
  tx: TenantTx,
  id: string,
): Promise<MappingDetail> {
  const live = await liveVersion(tx, deps.mappings, id);
  const draft = await findDraft(tx, id);
  const pauses = (await listAllPauses(tx)).filter(({ mappingId }) => mappingId === id);
  const view = viewOf(deps, id, { live, draft }, pauses, await toldOf(tx, id));
  const content = live ?? draft;
  if (view === null || content === null) {
    throw new NotFoundError(
      `There is no mapping "${id}". \`trueup mappings list\` shows those there are.`,
    );
  }
  return { ...view, text: content.text, document: content.document };
}

function viewOf(
  { mappings }: MappingDeps,
  id: string,
  { live, draft }: { readonly live: MappingVersion | null; readonly draft: MappingDraft | null },
  pauses: readonly PauseAt[],
  told: Told,
): MappingView | null {
  const document = (live ?? draft)?.document;
  if (document === undefined) return null;
  const direction = directionOf(document);
  const shipped = mappings.find(id)?.document.version ?? null;
  return {
    id,
    title: document.title ?? id,
    direction: !isProblem(direction) && direction.kind === 'outbound' ? 'outbound' : 'inbound',
    source: document.source,
    target: document.target,
    live:
      live === null
        ? null
        : {
            version: live.version,
            origin: live.origin,
            hash: live.hash,
            publishedAt: live.publishedAt,
            publishedBy: live.publishedBy,
          },
    draft:
      draft === null
        ? null
        : {
            revision: draft.revision,
            state: draft.state,
            updatedBy: draft.updatedBy,
            updatedAt: draft.updatedAt,
            baseVersion: draft.baseVersion,
          },
    shippedVersion: live?.origin === 'published' ? shipped : null,
    state: stateOf(pauses),
    degraded: pauses.map((pause) => degradedBy(pause, document)),
    ...told(id, document),
  };
}

type Told = (id: string, document: MappingDocument) => MappingHealth & MappingStewarding;

/** How each mapping does and who answers for it; of one mapping alone if it is named. */
async function toldOf(tx: TenantTx, id?: string): Promise<Told> {
  const health = await mappingHealth(tx, id);
  const stewards = await mappingStewards(tx);
  return (each, document) => ({ ...health(each, document), ...stewards(each) });
}

type PauseAt = MappingPause & { readonly connection: string };

const REASONS = {
  gone: 'the field is gone or hidden',
  retyped: 'the field has another type',
  locked: 'the field takes no values any more',
  option_gone: 'an option that the mapping names is gone',
  option_new: 'the field has a new option',
} as const satisfies Record<MappingPause['kind'], string>;

function degradedBy(pause: PauseAt, document: MappingDocument): Degraded {
  const { connection, stream, fieldStream, field, kind, expected, since } = pause;
  return {
    connection,
    field: fieldStream === stream ? field : `${fieldStream}.${field}`,
    rows: rowsUsing(document, pause),
    reason: reasonOf(kind, expected),
    since,
  };
}

function reasonOf(kind: MappingPause['kind'], expected: string): string {
  if (kind === 'option_new') return `${REASONS[kind]}: ${expected}`;
  return expected === '' ? REASONS[kind] : `${REASONS[kind]} (expected: ${expected})`;
}

/** A change that the mapping works with leaves it degraded; any other one pauses it. */
function stateOf(pauses: readonly PauseAt[]): MappingView['state'] {
  if (pauses.some((pause) => pause.pauses)) return 'paused';
  return pauses.length > 0 ? 'degraded' : 'ok';
}

/** The rows that use a field. */
function rowsUsing(
  document: MappingDocument,
  { direction, stream, fieldStream, field }: PauseAt,
): readonly string[] {
  const reads =
    direction === 'inbound' ? fieldsRead(document, stream) : fieldsWritten(document, stream).reads;
  const name = field.toLowerCase();
  return reads
    .filter((each) => each.stream === fieldStream && each.field.toLowerCase() === name)
    .flatMap(({ rows }) => rows);
}
