import type { TenantTx } from '../db/store.ts';
import { NotFoundError, PreconditionFailed, ValidationError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Builtins } from './builtin.ts';
import { MappingDocument } from './language/mapping-document.ts';
import { parseMapping, type Mapping } from './language/parse-mapping.ts';
import { highestVersion } from './mapping-store.ts';
import { numberedText } from './numbered-text.ts';

/** What somebody writes before it is in effect. */
export interface MappingDraft {
  readonly id: string;
  /** Another one after every change. */
  readonly tag: string;
  readonly mappingId: string;
  readonly text: string;
  readonly document: MappingDocument;
  readonly hash: string;
  /** The version in effect that it starts from; null where none was. */
  readonly baseVersion: number | null;
  readonly revision: number;
  readonly state: 'open' | 'submitted';
  /** Everybody who saved a revision of it. */
  readonly editors: readonly string[];
  readonly updatedBy: string;
  readonly updatedAt: Date;
}

const COLUMNS = `d.id, d.mapping_id as "mappingId", d.source_text as text, d.document, d.hash,
  d.base_version as "baseVersion", d.revision, d.state, d.editors, d.updated_by as "updatedBy", d.updated_at as "updatedAt"`;

type Row = Omit<MappingDraft, 'document' | 'tag'> & { readonly document: unknown };

/** What the caller saw last: the tag of a draft, or {@link NO_DRAFT} where it saw that there is none. */
export type SeenDraft = string;
const NO_DRAFT = 'none';

/** The open draft of a mapping, or null. */
export async function findDraft(tx: TenantTx, mappingId: string): Promise<MappingDraft | null> {
  const [row] = await tx.sql<Row>(
    `select ${COLUMNS} from mapping_draft d where d.mapping_id = $1`,
    [mappingId],
  );
  return row === undefined ? null : toDraft(row);
}

/** The open draft of a mapping. Throws NotFoundError. */
export async function getDraft(tx: TenantTx, mappingId: string): Promise<MappingDraft> {
  const draft = await findDraft(tx, mappingId);
  if (draft !== null) return draft;
  throw new NotFoundError(
    `The mapping "${mappingId}" has no draft. \`trueup mappings edit ${mappingId}\` makes one.`,
  );
}

/** Every open draft, by mapping. */
export async function listDrafts(tx: TenantTx): Promise<readonly MappingDraft[]> {
  const rows = await tx.sql<Row>(`select ${COLUMNS} from mapping_draft d order by d.mapping_id`);
  return rows.map(toDraft);
}

/**
 * The draft for a change by somebody who saw `seen`, locked until the transaction ends; null where there is none and the
 * caller knows it. Throws PreconditionFailed when it is another one by now.
 */
export async function lockDraft(
  tx: TenantTx,
  mappingId: string,
  seen: SeenDraft | null,
): Promise<MappingDraft | null> {
  // There is no row to lock before the first save.
  await tx.sql(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
    `mapping-draft:${tx.tenantId}:${mappingId}`,
  ]);
  const draft = await findDraft(tx, mappingId);
  const now = draft?.tag ?? NO_DRAFT;
  if (seen === null || seen === now) return draft;
  throw new PreconditionFailed(
    draft === null
      ? `The draft of "${mappingId}" is gone: it was published or discarded meanwhile. Look at the mapping again.`
      : `${draft.updatedBy} saved revision ${draft.revision} of the draft of "${mappingId}" meanwhile. Read it, and make your change there.`,
    { details: { tag: now } },
  );
}

/** A text that is to become a draft. */
export interface DraftContent {
  readonly mappingId: string;
  readonly text: string;
  readonly baseVersion: number | null;
  readonly person: string;
}

/**
 * Keeps a text as the draft of a mapping. The number in `version:` is ours to give: where it is not above every earlier
 * one it becomes the next. Throws a ValidationError with `details.problems` for a text that does not fit; then nothing
 * is stored. The caller holds the draft ({@link lockDraft}).
 */
export async function saveDraft(
  tx: TenantTx,
  builtins: Builtins,
  content: DraftContent,
  before: MappingDraft | null,
): Promise<MappingDraft> {
  const { text, mapping } = await numbered(tx, builtins, content);
  const editors = [...new Set([...(before?.editors ?? []), content.person])];
  const [row] = await tx.sql<Row>(
    `insert into mapping_draft as d (tenant_id, mapping_id, id, source_text, document, hash, base_version, revision, state, editors, updated_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10)
     on conflict (tenant_id, mapping_id) do update set source_text = excluded.source_text, document = excluded.document,
       hash = excluded.hash, base_version = excluded.base_version, revision = excluded.revision, state = 'open',
       editors = excluded.editors, updated_by = excluded.updated_by, updated_at = app.clock()
     returning ${COLUMNS}`,
    [
      tx.tenantId,
      content.mappingId,
      before?.id ?? newId('drf'),
      text,
      JSON.stringify(mapping.document),
      mapping.hash,
      content.baseVersion,
      (before?.revision ?? 0) + 1,
      editors,
      content.person,
    ],
  );
  if (row === undefined) throw new NotFoundError(`The draft of "${content.mappingId}" is gone.`);
  return toDraft(row);
}

/** Freezes a draft while it is decided upon, or opens it again. */
export async function setDraftState(
  tx: TenantTx,
  mappingId: string,
  state: MappingDraft['state'],
): Promise<void> {
  await tx.run(`update mapping_draft set state = $2 where mapping_id = $1`, [mappingId, state]);
}

/** Throws a draft away: it is published, or nobody wants it. */
export async function removeDraft(tx: TenantTx, mappingId: string): Promise<void> {
  await tx.run(`delete from mapping_draft where mapping_id = $1`, [mappingId]);
}

/** The newest version under an id, shipped or published; 0 if there is none. */
export async function newestVersion(
  tx: TenantTx,
  builtins: Builtins,
  mappingId: string,
): Promise<number> {
  const shipped = builtins.find(mappingId)?.document.version ?? 0;
  return Math.max(shipped, await highestVersion(tx, mappingId));
}

async function numbered(
  tx: TenantTx,
  builtins: Builtins,
  { mappingId, text }: DraftContent,
): Promise<{ readonly text: string; readonly mapping: Mapping }> {
  const newest = await newestVersion(tx, builtins, mappingId);
  const parsed = parseDraft(text, mappingId, builtins);
  if (parsed.document.version > newest) return { text, mapping: parsed };
  const raised = numberedText(text, newest + 1);
  return { text: raised, mapping: parseDraft(raised, mappingId, builtins) };
}

function parseDraft(text: string, mappingId: string, builtins: Builtins): Mapping {
  const findShipped = (id: string) => builtins.find(id)?.document ?? null;
  const parsed = parseMapping(text, 'draft', builtins.steps, findShipped);
  if (!parsed.ok) {
    throw new ValidationError('The mapping does not fit, so nothing was saved.', {
      details: { problems: parsed.problems },
    });
  }
  if (parsed.mapping.document.id === mappingId) return parsed.mapping;
  const message = `The file has the id "${parsed.mapping.document.id}", and this is the mapping "${mappingId}".`;
  throw new ValidationError(message, {
    details: {
      problems: [{ row: null, pointer: '/id', code: 'other_id', message, hint: null, line: null }],
    },
  });
}

function toDraft(row: Row): MappingDraft {
  const tag = `${row.id}.${row.revision}`;
  return { ...row, tag, document: MappingDocument.parse(row.document) };
}
