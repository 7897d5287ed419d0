import { appendAudit } from '../../audit/audit-log.ts';
import type { ProductInstance } from '../../canonical/product-instance.ts';
import { windowsOfDefinitions, windowsOfInstance } from '../../intake/usage/changes.ts';
import { putInstance, type RegisteredInstance } from '../../intake/usage/product-instances.ts';
import { decideFacts } from '../../ledger/facts.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { request } from '../request.ts';
import { deriveWork } from '../usage-work.ts';

export type NewInstance = Omit<RegisteredInstance, 'registeredAt' | 'registeredBy'>;

/**
 * Says whose a product instance is and of which product. Use that it reported before, as far as its events are kept,
 * counts from now on; registering it again corrects the same days.
 */
export function registerProductInstance(
  deps: Pick<Deps, 'store' | 'queue'>,
  caller: Caller,
  wanted: NewInstance,
): Promise<RegisteredInstance> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { instance, before } = await putInstance(tx, {
      ...wanted,
      registeredBy: caller.actor,
    });
    await decideFacts(tx, 'productInstance', [factOf(instance)], { externalRefs: [instance.id] });
    if (before === null) await windowsOfInstance(tx, instance.id, caller.actor);
    else await windowsOfDefinitions(tx, caller.actor);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'product_instance.registered',
      subject: { type: 'product_instance', id: instance.id },
      details: { before: before === null ? null : toldOf(before), after: toldOf(instance) },
    });
    await request(deps, tx, [deriveWork]);
    return instance;
  });
}

function factOf(instance: RegisteredInstance): ProductInstance {
  return {
    externalRef: instance.id,
    posture: instance.posture,
    skuCode: instance.skuCode,
    ...(instance.customerRef === null ? {} : { customerRef: instance.customerRef }),
    environment: instance.environment,
  };
}

function toldOf({ posture, skuCode, customerRef, environment }: RegisteredInstance) {
  return { posture, skuCode, customerRef, environment };
}
