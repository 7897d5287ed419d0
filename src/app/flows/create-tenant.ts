import { createTenant as create, type Tenant } from '../../db/tenants.ts';
import { InternalError } from '../../kernel/errors.ts';
import { appendAudit } from '../../audit/audit-log.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { requireOperator } from '../operator.ts';
import { bootstrapTenant } from './bootstrap-tenant.ts';

/** A new company with its first administrator, and the text of the only key to it, shown this once. */
export interface NewTenant extends Tenant {
  readonly admin: { readonly id: string; readonly name: string };
  readonly key: { readonly id: string; readonly text: string };
}

/** Adds a company with its first administrator. Throws ForbiddenError, ValidationError, StaleError on a taken id. */
export async function createTenant(
  deps: Deps,
  caller: Caller,
  input: {
    readonly id: string;
    readonly name: string;
    readonly admin: { readonly name: string; readonly email?: string | undefined };
  },
): Promise<NewTenant> {
  requireOperator(caller);
  const tenant = await create(deps.store, input);
  const admin = await bootstrapTenant(deps, { ...input, actor: caller.actor });
  if (admin === null)
    throw new InternalError(`Company ${tenant.id} was made without an administrator.`);
  await deps.store.withTenant(caller.tenantId, (tx) =>
    appendAudit(tx, {
      actor: caller.actor,
      action: 'tenant.created',
      subject: { type: 'tenant', id: tenant.id },
    }),
  );
  return {
    ...tenant,
    admin: { id: admin.personId, name: input.admin.name },
    key: { id: admin.keyId, text: admin.text },
  };
}
