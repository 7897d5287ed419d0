import { appendAudit } from '../../audit/audit-log.ts';
import { CommerceSettings } from '../../commerce/settings.ts';
import { getConnection } from '../../intake/connections.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import { saveSettings } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

export { CommerceSettings };

/**
 * Replaces the company's settings for deals and renewals. Throws NotFoundError for a connection that does not exist
 * and ValidationError for one of another role.
 */
export async function putSettings(
  deps: Deps,
  caller: Caller,
  settings: CommerceSettings,
): Promise<CommerceSettings> {
  await deps.store.withTenant(caller.tenantId, async (tx) => {
    for (const role of ['crm', 'erp'] as const) {
      const name = settings[role];
      if (name === undefined) continue;
      const connection = await getConnection(tx, name);
      if (connection.role !== role) {
        throw new ValidationError(
          `Connection "${name}" has the role ${connection.role}, not ${role}.`,
        );
      }
    }
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'settings.changed',
      subject: { type: 'settings', id: 'commerce' },
      details: { settings: JSON.stringify(settings) },
    });
  });
  await saveSettings(deps.store, caller.tenantId, 'commerce', settings);
  return settings;
}
