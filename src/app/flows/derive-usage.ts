import type { TenantTx } from '../../db/store.ts';
import { pendingChanges, settleChanges, type UsageChanges } from '../../intake/usage/changes.ts';
import { countEvents } from '../../intake/usage/count-use.ts';
import { versionsOn, type PublishedDefinition } from '../../intake/usage/definition.ts';
import { listDefinitions } from '../../intake/usage/definitions.ts';
import { firstOpenDay } from '../../intake/usage/horizon.ts';
import { replaceUnattributed } from '../../intake/usage/unattributed.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { usageKeysOf } from '../../security/usage-keys.ts';
import { companySetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';
import { deriveWindow, type WindowToDerive } from '../derive-window.ts';
import { leasedTx } from '../leased-tx.ts';
import { takeBatches } from '../take-batches.ts';

/** Changes of one transaction: a stop loses at most this much work. */
const CHANGES_AT_ONCE = 200;

/**
 * Takes the batches apart that came, and counts use anew wherever events came or a definition or an instance changed: whole days, each replaced as a whole, so
 * that a late event corrects its own day and a repetition changes nothing.
 */
export async function deriveUsage(
  deps: Pick<Deps, 'store' | 'kek'>,
  context: JobContext,
): Promise<void> {
  let more = true;
  while (more && !context.signal.aborted)
    more = (await leasedTx(deps, context, (tx) => takeBatches(deps, tx))) > 0;
  more = true;
  while (more && !context.signal.aborted) {
    more = await leasedTx(deps, context, async (tx) => {
      const changes = await pendingChanges(tx, CHANGES_AT_ONCE);
      if (changes.ids.length === 0) return false;
      await deriveChanges(deps, tx, changes);
      await settleChanges(tx, changes.ids);
      return changes.ids.length === CHANGES_AT_ONCE;
    });
  }
}

async function deriveChanges(
  deps: Pick<Deps, 'kek'>,
  tx: TenantTx,
  changes: UsageChanges,
): Promise<void> {
  const { usageEvents } = await companySetting(tx, 'retention');
  const firstDay = await firstOpenDay(tx, usageEvents);
  const definitions = await listDefinitions(tx);
  const { pseudonymize } = await usageKeysOf(tx, deps.kek);
  const derived = new Set<string>();
  for (const { type, day } of changes.windows) {
    if (day < firstDay) continue;
    for (const window of windowsOf(definitions, type, day)) {
      const key = JSON.stringify([window.name, day]);
      if (derived.has(key)) continue;
      derived.add(key);
      await deriveWindow(tx, window, pseudonymize);
    }
    await keepUndefined(tx, { type, day, definitions, actor: changes.actors.get(type) ?? '' });
  }
}

/** Every definition that ever asked for the type, with the version that counts on the day: it may ask for another now. */
function windowsOf(
  definitions: readonly PublishedDefinition[],
  type: string,
  day: LocalDate,
): readonly WindowToDerive[] {
  const inForce = versionsOn(definitions, day);
  const names = definitions.flatMap(({ name, document }) =>
    document.eventType === type ? [name] : [],
  );
  return [...new Set(names)].map((name) => ({ name, day, definition: inForce.get(name) ?? null }));
}

interface TypeOnDay {
  readonly type: string;
  readonly day: LocalDate;
  readonly definitions: readonly PublishedDefinition[];
  readonly actor: string;
}

/** Events that no definition asks for on their day are kept in sight, with whoever sent them. */
async function keepUndefined(tx: TenantTx, { type, day, definitions, actor }: TypeOnDay) {
  const isDefined = versionsOn(definitions, day)
    .values()
    .some(({ document }) => document.eventType === type);
  const groups = isDefined ? [] : await countEvents(tx, type, day);
  await replaceUnattributed(
    tx,
    { type, definition: '', day },
    groups.map((group) => ({ ...group, reason: 'no_definition', instance: '', owner: actor })),
  );
}
