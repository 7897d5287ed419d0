import { beforeWork, saveBefore, type BeforeImage } from '../delivery/before-images.ts';
import type { LeasedIntent, Target } from '../delivery/dispatch.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { JobContext } from '../sdk/flows.ts';
import type { ReadBackRecord } from '../sdk/write.ts';
import type { Deps } from './deps.ts';
import { leasedTx } from './leased-tx.ts';

/** Who sends to which object of which connection. */
interface Sending {
  readonly deps: Deps;
  readonly context: JobContext;
  readonly target: Target;
}

/**
 * Keeps what the other system holds of a record before a version of a mapping writes it for the first time, so that the
 * version can be rolled back with what it wrote. A record that we make costs no call; one that another version wrote, or
 * that is not ours, costs one read a batch.
 */
export async function keepBefore(
  { deps, context, target }: Sending,
  session: ConnectorSession,
  leased: readonly LeasedIntent[],
): Promise<void> {
  const { toRead, absent } = await deps.store.readTenant(context.tenantId, (tx) =>
    beforeWork(tx, leased),
  );
  const held = toRead.length === 0 ? [] : await look(session, target.object, toRead);
  const images = [
    ...absent.map((intent) => ({ intent, image: { absent: true } as const })),
    ...toRead.flatMap((intent) => {
      const image = imageOf(intent, held);
      return image === null ? [] : [{ intent, image }];
    }),
  ];
  if (images.length > 0) await leasedTx(deps, context, (tx) => saveBefore(tx, images));
}

function look(
  session: ConnectorSession,
  object: string,
  intents: readonly LeasedIntent[],
): Promise<readonly ReadBackRecord[]> {
  const ours = intents.filter(({ vendorId }) => vendorId === null);
  const theirs = intents.flatMap(({ vendorId }) => (vendorId === null ? [] : [vendorId]));
  return session.readBack(
    object,
    ours.map(({ externalId }) => externalId),
    theirs,
  );
}

/** Null where the system does not say: a record that is not ours and that it does not show. */
function imageOf(intent: LeasedIntent, held: readonly ReadBackRecord[]): BeforeImage | null {
  const { vendorId, externalId } = intent;
  const record = held.find((each) =>
    vendorId === null ? each.externalId === externalId : each.vendorId === vendorId,
  );
  if (record !== undefined) return { vendorId: record.vendorId, fields: record.fields };
  return vendorId === null ? { absent: true } : null;
}
