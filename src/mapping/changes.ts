import type { TenantTx } from '../db/store.ts';
import { NotFoundError, StaleError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { newId } from '../kernel/ids.ts';
import { MappingDocument } from './language/mapping-document.ts';

export const CHANGE_STATES = [
  'waiting',
  'approved',
  'returned',
  'declined',
  'withdrawn',
  'scheduled',
  'published',
] as const;
export type ChangeState = (typeof CHANGE_STATES)[number];

/** One thing that was looked at before a request could be made. */
export interface ChangeCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** What a roll back brought back in connected systems. */
export interface ChangeOutcome {
  /** The versions that it undid, newest first. */
  readonly undone: readonly number[];
  /** Records whose fields are brought back to what they were. */
  readonly restored: number;
  /** Records that the undone versions made: a person cancels them, or does not. */
  readonly created: number;
  /** Records of which nobody knows what they were. */
  readonly unknown: number;
}

/** A request to put a content in effect, with the content itself. */
export interface MappingChange {
  readonly id: string;
  readonly mappingId: string;
  readonly kind: 'publish' | 'rollback';
  /** The revision of the draft that was frozen; null for a rollback. */
  readonly draftRevision: number | null;
  readonly baseVersion: number | null;
  readonly text: string;
  readonly document: MappingDocument;
  /** An approval binds to it. */
  readonly hash: string;
  readonly editors: readonly string[];
  readonly submittedBy: string;
  readonly submittedAt: Date;
  readonly note: string;
  readonly rolledBackTo: number | null;
  readonly restore: boolean;
  /** Bring back also what somebody changed since. */
  readonly overwrite: boolean;
  readonly replay: boolean;
  readonly state: ChangeState;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly reason: string | null;
  readonly publishAt: Date | null;
  readonly publishedVersion: number | null;
  readonly checks: readonly ChangeCheck[];
  readonly impact: JsonObject | null;
  /** Null but for a roll back that restored records. */
  readonly outcome: ChangeOutcome | null;
}

export interface ChangeComment {
  readonly id: string;
  readonly person: string;
  readonly body: string;
  readonly at: Date;
}

const COLUMNS = `c.id, c.mapping_id as "mappingId", c.kind, c.draft_revision as "draftRevision", c.base_version as "baseVersion",
  c.source_text as text, c.document, c.hash, c.editors, c.submitted_by as "submittedBy", c.submitted_at as "submittedAt",
  c.note, c.rolled_back_to as "rolledBackTo", c.restore, c.overwrite, c.replay, c.state, c.decided_by as "decidedBy",
  c.decided_at as "decidedAt", c.reason, c.publish_at as "publishAt", c.published_version as "publishedVersion", c.checks, c.impact, c.outcome`;

/** States in which a request is still to be decided upon or carried out. */
const OPEN: readonly ChangeState[] = ['waiting', 'approved', 'scheduled'];

type Row = Omit<MappingChange, 'document'> & { readonly document: unknown };

export type NewChange = Pick<
  MappingChange,
  | 'mappingId' | 'kind' | 'draftRevision' | 'baseVersion' | 'text' | 'document' | 'hash' | 'editors' | 'submittedBy'
  | 'note' | 'rolledBackTo' | 'restore' | 'replay' | 'checks' | 'impact'
> & { readonly overwrite?: boolean }; // prettier-ignore

/** Makes a request. Throws StaleError where another of its kind is open for the mapping. */
export async function openChange(tx: TenantTx, change: NewChange): Promise<MappingChange> {
  const [row] = await tx.sql<Row>(
    `insert into mapping_change as c (tenant_id, id, mapping_id, kind, draft_revision, base_version, source_text, document, hash,
       editors, submitted_by, note, rolled_back_to, restore, replay, checks, impact, overwrite)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
     on conflict (tenant_id, mapping_id, kind) where state in ('waiting', 'approved', 'scheduled') do nothing
     returning ${COLUMNS}`,
    [
      tx.tenantId,
      newId('chg'),
      change.mappingId,
      change.kind,
      change.draftRevision,
      change.baseVersion,
      change.text,
      JSON.stringify(change.document),
      change.hash,
      change.editors,
      change.submittedBy,
      change.note,
      change.rolledBackTo,
      change.restore,
      change.replay,
      JSON.stringify(change.checks),
      change.impact === null ? null : JSON.stringify(change.impact),
      change.overwrite ?? false,
    ],
  );
  if (row !== undefined) return toChange(row);
  const open = await openChangeOf(tx, change.mappingId, change.kind);
  throw new StaleError(
    `The change request ${open?.id ?? ''} for "${change.mappingId}" is ${open?.state ?? 'open'}. Decide it or withdraw it first.`,
  );
}

/** How many requests wait for an approval, or to be put in effect by somebody. */
export async function countWaitingChanges(tx: TenantTx): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from mapping_change c where c.state in ('waiting', 'approved')`,
  );
  return row?.count ?? 0;
}

/** The open request of a kind for a mapping, or null. */
export async function openChangeOf(
  tx: TenantTx,
  mappingId: string,
  kind: MappingChange['kind'],
): Promise<MappingChange | null> {
  const [row] = await tx.sql<Row>(
    `select ${COLUMNS} from mapping_change c where c.mapping_id = $1 and c.kind = $2 and c.state = any($3)`,
    [mappingId, kind, [...OPEN]],
  );
  return row === undefined ? null : toChange(row);
}

/** Requests, newest first. */
export async function listChanges(
  tx: TenantTx,
  filter: {
    readonly state?: string | undefined;
    readonly mappingId?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly MappingChange[]> {
  const rows = await tx.sql<Row>(
    `select ${COLUMNS} from mapping_change c
     where ($1::text is null or c.state = $1) and ($2::text is null or c.mapping_id = $2) and ($3::text is null or c.id < $3)
     order by c.id desc limit $4`,
    [filter.state ?? null, filter.mappingId ?? null, filter.before ?? null, filter.limit],
  );
  return rows.map(toChange);
}

/** One request. Throws NotFoundError. */
export async function getChange(tx: TenantTx, id: string): Promise<MappingChange> {
  const [row] = await tx.sql<Row>(`select ${COLUMNS} from mapping_change c where c.id = $1`, [id]);
  if (row !== undefined) return toChange(row);
  throw new NotFoundError(
    `There is no change request "${id}". \`trueup mappings requests\` shows those there are.`,
  );
}

/** What a decision or a publication changes about a request. */
export interface ChangeMove {
  readonly state: ChangeState;
  readonly decidedBy?: string;
  readonly reason?: string;
  readonly publishAt?: Date | null;
  readonly publishedVersion?: number;
  readonly replay?: boolean;
}

/** Moves a request on. The caller holds it locked and has checked that it may. */
export async function moveChange(
  tx: TenantTx,
  id: string,
  move: ChangeMove,
): Promise<MappingChange> {
  const [row] = await tx.sql<Row>(
    `update mapping_change c set state = $2,
       decided_by = coalesce($3, c.decided_by), decided_at = case when $3::text is null then c.decided_at else app.clock() end,
       reason = coalesce($4, c.reason), publish_at = case when $5 then $6 else c.publish_at end,
       published_version = coalesce($7::int, c.published_version), replay = coalesce($8::boolean, c.replay)
     where c.id = $1 returning ${COLUMNS}`,
    [
      id,
      move.state,
      move.decidedBy ?? null,
      move.reason ?? null,
      move.publishAt !== undefined,
      move.publishAt ?? null,
      move.publishedVersion ?? null,
      move.replay ?? null,
    ],
  );
  if (row !== undefined) return toChange(row);
  throw new NotFoundError(`There is no change request "${id}".`);
}

/** Keeps what a published request brought back. */
export async function saveOutcome(tx: TenantTx, id: string, outcome: ChangeOutcome): Promise<void> {
  await tx.run(`update mapping_change set outcome = $2 where id = $1`, [
    id,
    JSON.stringify(outcome),
  ]);
}

/** Adds a comment to a request. */
export async function addComment(
  tx: TenantTx,
  comment: { readonly changeId: string; readonly person: string; readonly body: string },
): Promise<ChangeComment> {
  const [row] = await tx.sql<ChangeComment>(
    `insert into mapping_comment (tenant_id, id, change_id, person, body) values ($1, $2, $3, $4, $5)
     returning id, person, body, at`,
    [tx.tenantId, newId('cmt'), comment.changeId, comment.person, comment.body],
  );
  if (row !== undefined) return row;
  throw new NotFoundError(`There is no change request "${comment.changeId}".`);
}

/** What people said about a request, oldest first. */
export async function commentsOn(
  tx: TenantTx,
  changeId: string,
): Promise<readonly ChangeComment[]> {
  return tx.sql<ChangeComment>(
    `select c.id, c.person, c.body, c.at from mapping_comment c where c.change_id = $1 order by c.id`,
    [changeId],
  );
}

function toChange(row: Row): MappingChange {
  return { ...row, document: MappingDocument.parse(row.document) };
}
