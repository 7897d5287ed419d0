import type { TenantTx } from '../db/store.ts';
import { takeNewCauses } from '../delivery/webhooks/events.ts';
import { writeCauses } from '../delivery/write-groups.ts';
import { recordCauses } from '../intake/quarantine-groups.ts';
import { tell } from './tell.ts';

/**
 * Tells webhooks of causes for which records or writes wait for a person since the last look: one event for a cause,
 * however many records share it, and another when it comes back after it was gone. Whose answer got lost waits for nobody.
 */
export async function tellNewCauses(tx: TenantTx): Promise<void> {
  const all = [...(await recordCauses(tx)), ...(await writeCauses(tx))];
  const causes = all.filter((cause) => cause.class !== 'unknown');
  const fresh = await takeNewCauses(tx, causes.map(({ id }) => id)); // prettier-ignore
  for (const { id, system, object, code } of causes) {
    if (!fresh.has(id)) continue;
    await tell(tx, {
      type: 'error.opened',
      subject: `error:${id}`,
      data: { errorId: id, connection: system, object, code },
    });
  }
}
