import type { TenantTx } from '../db/store.ts';
import {
  conflictsToLookAt,
  getConflict,
  openConflict,
  saveSeen,
  type FieldConflict,
} from '../delivery/conflicts.ts';
import type { LeasedIntent } from '../delivery/dispatch.ts';
import { vanishConflict } from '../delivery/resolve-conflicts.ts';
import { sameForm } from '../delivery/same-value.ts';
import { valueAt } from '../delivery/three-way.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { ReadBackRecord } from '../sdk/write.ts';
import type { Deps } from './deps.ts';
import { repeatedTx } from './leased-tx.ts';
import { readHeld } from './read-held.ts';
import type { Delivery } from './delivery-target.ts';
import { changeOf, rulesOn, tellConflicts } from './tell-conflicts.ts';

/** An open conflict is looked at again after so long, in seconds. */
const LOOK_AGAIN_S = 300;

/**
 * Looks again at what the other system holds in open conflicts, one read a batch. What is equal by now, or is again what was
 * agreed, closes with the reason, and what waited for it is written.
 */
export async function lookAtConflicts(
  { deps, context, target, batch }: Delivery,
  session: ConnectorSession,
): Promise<void> {
  const open = await deps.store.readTenant(context.tenantId, (tx) =>
    conflictsToLookAt(tx, target, LOOK_AGAIN_S, batch),
  );
  if (open.length === 0) return;
  const ids = [...new Set(open.map(({ externalId }) => externalId))];
  // What it refuses to show stays as it was seen last.
  const { held } = await readHeld(ids, (part) => session.readBack(target.object, part));
  const records = new Map(held.map((record) => [record.externalId, record]));
  await repeatedTx(deps, context, async (tx) => {
    for (const conflict of open) await lookAt(tx, conflict, records.get(conflict.externalId));
  });
}

async function lookAt(
  tx: TenantTx,
  conflict: FieldConflict,
  record: ReadBackRecord | undefined,
): Promise<void> {
  const { id, field, ours, agreed } = conflict;
  const theirs = record === undefined ? conflict.theirs : (valueAt(record.fields, field) ?? null);
  if (sameForm(ours, theirs)) {
    await vanish(tx, conflict, 'theirs', 'both sides hold the same value');
  } else if (agreed !== null && sameForm(theirs, agreed.theirs)) {
    await vanish(tx, conflict, 'ours', 'the other side is again what was agreed');
  } else {
    const { theirsAt, theirsBy } = conflict;
    const change = record === undefined ? { theirsAt, theirsBy } : changeOf(record);
    await saveSeen(tx, id, { theirs, ...change });
  }
}

async function vanish(
  tx: TenantTx,
  conflict: FieldConflict,
  take: 'ours' | 'theirs',
  reason: string,
): Promise<void> {
  if ((await vanishConflict(tx, conflict, take, reason)) === null) return;
  await tellConflicts(tx, 'conflict.vanished', [await getConflict(tx, conflict.id)]);
}

/**
 * Opens a conflict for each field that another writer changed before our write was read back: the write was confirmed, and
 * the record shows something else (F-14). Their value stays until a person decides.
 */
export async function openOvertaken(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  overtaken: readonly {
    readonly intent: LeasedIntent;
    readonly record: ReadBackRecord;
    readonly paths: readonly string[];
  }[],
): Promise<void> {
  for (const { intent, record, paths } of overtaken) {
    const rules = (await rulesOn(deps, tx, intent.connection)).get(intent.mapping?.id ?? '') ?? [];
    // A list is one field: its items are not compared one by one.
    const fields = [...new Set(paths.map((path) => path.replace(/\[.*$/, '')))];
    for (const field of fields) {
      const ours = valueAt(intent.payload, field) ?? null;
      const theirs = valueAt(record.fields, field) ?? null;
      const rule = rules.find((each) => each.field === field)?.rule ?? 'prefer-source-unless-blank';
      const agreed = { ours, theirs: ours };
      const sides = { intent, vendorId: record.vendorId, ...changeOf(record) };
      const opened = await openConflict(tx, sides, { field, rule, agreed, ours, theirs });
      await tellConflicts(tx, 'conflict.opened', opened);
    }
  }
}
