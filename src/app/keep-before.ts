import { beforeWork, saveBefore, type BeforeImage } from '../delivery/before-images.ts';
import type { LeasedIntent } from '../delivery/dispatch.ts';
import { aboutPresent } from '../delivery/last-agreed.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { ReadBackRecord } from '../sdk/write.ts';
import { heldFor } from './decide-fields.ts';
import { repeatedTx } from './leased-tx.ts';
import { readHeld, type ReadHeld } from './read-held.ts';
import type { Delivery } from './delivery-target.ts';

/**
 * What the other system holds now of the records that are about to be written and are there already: one read a batch, but
 * where it refuses to show one of them. A record that we make costs no call.
 */
export async function readPresent(
  { deps, context, target }: Delivery,
  session: ConnectorSession,
  leased: readonly LeasedIntent[],
): Promise<ReadHeld<LeasedIntent>> {
  const there = await deps.store.readTenant(context.tenantId, (tx) => aboutPresent(tx, leased));
  if (there.length === 0) return { held: [], refused: new Map(), unasked: [] };
  return readHeld(there, (part) => look(session, target.object, part));
}

/**
 * Keeps what the other system holds of a record before a version of a mapping writes it for the first time, so that the
 * version can be rolled back with what it wrote.
 */
export async function keepBefore(
  { deps, context }: Delivery,
  held: readonly ReadBackRecord[],
  leased: readonly LeasedIntent[],
): Promise<void> {
  const { toRead, absent } = await deps.store.readTenant(context.tenantId, (tx) =>
    beforeWork(tx, leased),
  );
  const images = [
    ...absent.map((intent) => ({ intent, image: { absent: true } as const })),
    ...toRead.flatMap((intent) => {
      const image = imageOf(intent, held);
      return image === null ? [] : [{ intent, image }];
    }),
  ];
  if (images.length > 0) await repeatedTx(deps, context, (tx) => saveBefore(tx, images));
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
  const { vendorId } = intent;
  const record = heldFor(intent, held);
  if (record !== undefined) return { vendorId: record.vendorId, fields: record.fields };
  return vendorId === null ? { absent: true } : null;
}
