import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import type { EntryChange } from '../mapping/lookup-changes.ts';
import type { ChangedLookup } from '../mapping/kept-lookups.ts';
import type { Caller } from '../security/caller.ts';
import type { Deps } from './deps.ts';
import { remapReaders } from './lookup-readers.ts';
import { lookupView, type LookupView } from './lookup-view.ts';
import type { StartedReplay } from './remap-records.ts';

/** A table after a change of it. */
export interface LookupAfter {
  readonly lookup: LookupView;
  readonly changes: readonly EntryChange[];
  /** What maps the records again that asked for changed keys. */
  readonly replays: readonly StartedReplay[];
}

/** Tells the audit of a change of a table, and has mapped again what asked for its keys; what changed nothing does neither. */
export async function followLookup(
  deps: Pick<Deps, 'mappings' | 'queue'>,
  tx: TenantTx,
  caller: Caller,
  { table, changes }: ChangedLookup,
  done: { readonly action: string; readonly note: string },
): Promise<LookupAfter> {
  const { name, version } = table;
  if (changes.length === 0 && done.action !== 'lookup.made')
    return { lookup: await lookupView(deps, tx, table), changes, replays: [] };
  const count = (kind: EntryChange['kind']): number =>
    changes.filter((change) => change.kind === kind).length;
  await appendAudit(tx, {
    actor: caller.actor,
    action: done.action,
    subject: { type: 'lookup', id: name },
    details: {
      version,
      added: count('added'),
      changed: count('changed'),
      removed: count('removed'),
      note: done.note,
    },
  });
  const keys = changes.map(({ key }) => key);
  const replays = await remapReaders(deps, tx, { table: name, keys, actor: caller.actor });
  return { lookup: await lookupView(deps, tx, table), changes, replays };
}
