import { appendAudit } from '../../audit/audit-log.ts';
import type { Caller } from '../../security/caller.ts';
import { Retention, saveSettings } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

export { Retention };

/** Replaces how long the company keeps each kind of data. */
export async function putRetention(
  deps: Deps,
  caller: Caller,
  retention: Retention,
): Promise<Retention> {
  await deps.store.withTenant(caller.tenantId, (tx) =>
    appendAudit(tx, {
      actor: caller.actor,
      action: 'retention.changed',
      subject: { type: 'settings', id: 'retention' },
      details: retention,
    }),
  );
  await saveSettings(deps.store, caller.tenantId, 'retention', retention);
  return retention;
}
