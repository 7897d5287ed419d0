import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { conflictsLike, getConflict, type FieldConflict } from '../../delivery/conflicts.ts';
import { plansWriting } from '../../delivery/plans-writing.ts';
import { resolveConflict as resolve, type Taken } from '../../delivery/resolve-conflicts.ts';
import { ForbiddenError, StaleError, ValidationError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/hash.ts';
import { findDraft, newestVersion } from '../../mapping/drafts.ts';
import { editMappingText } from '../../mapping/language/edit-mapping-text.ts';
import { SYNC_RULES, isEachRow, type SyncRule } from '../../mapping/language/mapping-document.ts';
import { liveVersion, textUnder } from '../../mapping/versions.ts';
import { requirePermission, type Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { deliverWork, request } from '../request.ts';
import { keepDraft } from './save-draft.ts';

export { SYNC_RULES };

/** A person's word about a conflict. */
export type Resolution = Taken & {
  readonly id: string;
  /** Makes this the rule of the row, as a draft of its mapping. */
  readonly rule?: SyncRule | undefined;
  /** The same for every open conflict of this field of this mapping. */
  readonly alike?: boolean | undefined;
};

/** What came of it. */
export interface Resolved {
  readonly conflict: FieldConflict;
  readonly resolved: number;
  /** The draft that carries the rule; it comes into effect like any other. */
  readonly draft: { readonly mappingId: string; readonly revision: number } | null;
}

/**
 * Takes ours, theirs or a typed value; asked to, for all conflicts alike, and as the row's rule from now on, which becomes
 * a draft edit of the mapping. What a plan writes was approved: to have ours or another value written there is an approval
 * too, and takes the right to it; to leave theirs writes nothing over it. Throws NotFoundError, StaleError for a conflict
 * that is not open any more, ForbiddenError for a rule by somebody who may not edit mappings or a write of a plan by
 * somebody who may not approve plans, and ValidationError for a rule where no row can carry it.
 */
export function resolveConflict(
  deps: Deps,
  caller: Caller,
  { id, rule, alike = false, ...taken }: Resolution,
): Promise<Resolved> {
  if (rule !== undefined) requirePermission(caller, 'mappings:write');
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const conflict = await getConflict(tx, id);
    if (conflict.state !== 'open')
      throw new StaleError(
        `The conflict ${id} is ${conflict.state} already. \`trueup conflicts list\` shows what is open.`,
      );
    const others = alike ? await conflictsLike(tx, conflict) : [];
    const all = [conflict, ...others.filter((each) => each.id !== id)];
    if (taken.take !== 'theirs') await requireApprover(tx, caller, all);
    for (const each of all) await settle(deps, tx, caller, each, taken);
    const draft = rule === undefined ? null : await makeRule(deps, tx, caller, conflict, rule);
    return { conflict: await getConflict(tx, id), resolved: all.length, draft };
  });
}

/** Who maps fields decides conflicts of fields; money and terms that a plan writes are for those who approve plans. */
async function requireApprover(
  tx: TenantTx,
  caller: Caller,
  conflicts: readonly FieldConflict[],
): Promise<void> {
  if (caller.permissions.has('plans:approve')) return;
  const [plan] = await plansWriting(tx, conflicts);
  if (plan === undefined) return;
  throw new ForbiddenError(
    `The plan ${plan} writes this record, and it was approved. Whoever may approve plans says which value goes out; you may keep theirs: --take theirs.`,
  );
}

async function settle(
  deps: Deps,
  tx: TenantTx,
  caller: Caller,
  conflict: FieldConflict,
  taken: Taken,
): Promise<void> {
  const { connection, object, canonicalId, field } = conflict;
  const intentId = await resolve(tx, conflict, taken, caller.actor);
  await appendAudit(tx, {
    actor: caller.actor,
    action: 'conflict.resolved',
    subject: { type: 'conflict', id: conflict.id },
    details: { connection, object, canonicalId, field, take: taken.take, sends: intentId },
  });
  await request(deps, tx, [deliverWork({ connection, object })]);
}

async function makeRule(
  deps: Deps,
  tx: TenantTx,
  caller: Caller,
  { mappingId, field }: FieldConflict,
  rule: SyncRule,
): Promise<Resolved['draft']> {
  const nobody = new ValidationError(
    `No row of a mapping writes "${field}" by itself, so none can carry a rule. Resolve the conflict without one.`,
  );
  if (mappingId === null) throw nobody;
  const draft = await findDraft(tx, mappingId);
  const live = draft === null ? await liveVersion(tx, deps.mappings, mappingId) : null;
  const content = draft ?? live;
  const row = content?.document.fields[field];
  if (content === null || row === undefined || isEachRow(row)) throw nobody;
  const text =
    draft?.text ??
    (live === null ? '' : textUnder(live, (await newestVersion(tx, deps.mappings, mappingId)) + 1));
  const value = JSON.parse(JSON.stringify({ ...row, sync: rule })) as Json;
  const edited = editMappingText(text, [{ op: 'set', row: field, value }]);
  const kept = await keepDraft(deps, tx, caller, { id: mappingId, seen: null, text: edited });
  return { mappingId, revision: kept.revision };
}
