import { appendAudit } from '../../audit/audit-log.ts';
import { CommerceSettings } from '../../commerce/settings.ts';
import type { TenantTx } from '../../db/store.ts';
import { liveConnection } from '../../intake/connections.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { Caller } from '../../security/caller.ts';
import { saveSetting } from '../company-settings.ts';
import type { Deps } from '../deps.ts';

export { CommerceSettings };

/**
 * Replaces the company's settings for deals and renewals. The audit tells what they were before and are now: the limits
 * of the approval policy let money go out without a person. Throws NotFoundError for a connection that does not exist
 * and ValidationError for one of another role.
 */
export function putSettings(
  deps: Deps,
  caller: Caller,
  settings: CommerceSettings,
): Promise<CommerceSettings> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await requireRoles(tx, settings);
    const before = await saveSetting(tx, 'commerce', settings, caller.actor);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'settings.changed',
      subject: { type: 'settings', id: 'commerce' },
      details: { before: plain(before), after: plain(settings) },
    });
    return settings;
  });
}

async function requireRoles(tx: TenantTx, settings: CommerceSettings): Promise<void> {
  for (const role of ['crm', 'erp'] as const) {
    const name = settings[role];
    if (name === undefined) continue;
    const connection = await liveConnection(tx, name);
    if (connection.role === role) continue;
    throw new ValidationError(`Connection "${name}" has the role ${connection.role}, not ${role}.`);
  }
}

/** Without members that are not decided. */
function plain({ crm, erp, address, ...rest }: CommerceSettings): JsonObject {
  return {
    ...rest,
    ...(crm === undefined ? {} : { crm }),
    ...(erp === undefined ? {} : { erp }),
    ...(address === undefined ? {} : { address }),
  };
}
