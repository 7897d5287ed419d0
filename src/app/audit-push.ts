import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import type { DirectoryKind } from '../intake/directory-landing.ts';
import type { MemberChange } from '../intake/directory-members.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { DirectoryCaller } from '../security/directory-tokens.ts';

interface Pushed {
  readonly kind: DirectoryKind;
  readonly id: string;
}

/** Ids that an entry names of those that came or went; beyond them it only counts, so that it stays small. */
const MOST_IDS = 100;

/** Keeps in the audit that a provider made a user or group. */
export async function auditCreated(
  tx: TenantTx,
  caller: DirectoryCaller,
  made: Pushed,
  members: readonly string[],
): Promise<void> {
  const details = made.kind === 'Groups' ? { joined: some(members) } : {};
  await append(tx, caller, made, { done: 'created', details });
}

/** Keeps that a provider took a user or group away, with the members or the memberships that went with it. */
export async function auditRemoved(
  tx: TenantTx,
  caller: DirectoryCaller,
  gone: Pushed,
  had: { readonly members: readonly string[]; readonly groups: readonly string[] },
): Promise<void> {
  const { members, groups } = had;
  const details: JsonObject = {
    ...(gone.kind === 'Groups' ? { left: some(members) } : {}),
    groups: some(groups),
  };
  await append(tx, caller, gone, { done: 'removed', details });
}

/**
 * Keeps that a provider let a user in or shut one out, renamed one, or changed who is in a group: one entry for all
 * that one request did. Other attributes are no deed to answer for, and leave none.
 */
export async function auditChanged(
  tx: TenantTx,
  caller: DirectoryCaller,
  place: Pushed,
  change: { readonly before: JsonObject; readonly after: JsonObject; readonly moved: MemberChange },
): Promise<void> {
  const { before, after, moved } = change;
  if (moved.joined.length + moved.left.length > 0) {
    const details = { fields: ['members'], joined: some(moved.joined), left: some(moved.left) };
    return await append(tx, caller, place, { done: 'members_changed', details });
  }
  if (place.kind !== 'Users') return;
  const switched = isActive(before) !== isActive(after);
  const renamed = before['userName'] !== after['userName'];
  if (!switched && !renamed) return;
  const fields = [...(switched ? ['active'] : []), ...(renamed ? ['userName'] : [])];
  const turned = isActive(after) ? 'reactivated' : 'deactivated';
  await append(tx, caller, place, { done: switched ? turned : 'renamed', details: { fields } });
}

/** A user of whom the provider does not say it is active. */
function isActive(user: JsonObject): boolean {
  return user['active'] !== false;
}

function some(ids: readonly string[]): JsonObject {
  return { count: ids.length, ids: ids.slice(0, MOST_IDS) };
}

/** Ids and names of fields only: an entry is never erased, and a person's data must be. */
async function append(
  tx: TenantTx,
  { connection, tokenId }: DirectoryCaller,
  { kind, id }: Pushed,
  { done, details }: { readonly done: string; readonly details: JsonObject },
): Promise<void> {
  const type = kind === 'Users' ? 'directory_user' : 'directory_group';
  await appendAudit(tx, {
    actor: `directory:${connection}`,
    action: `${type}.${done}`,
    subject: { type, id },
    details: { token: tokenId, ...details },
  });
}
