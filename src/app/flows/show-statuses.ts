import type { TenantTx } from '../../db/store.ts';
import type { Effect } from '../../delivery/effect.ts';
import { proposeIntents } from '../../delivery/intents.ts';
import {
  saveShown,
  statusesToShow,
  writesOf,
  type PlannedWrite,
  type StatusToShow,
} from '../../delivery/shown-status.ts';
import { statusWords } from '../../delivery/status-words.ts';
import { listModes, modeOf } from '../../delivery/write-modes.ts';
import { listConnections } from '../../intake/connections.ts';
import { knownSchema } from '../../mapping/known-schemas.ts';
import { STATUS_MESSAGE_LENGTH, type StatusWriter } from '../../sdk/define-connector.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { commerceSettings } from '../commerce-settings.ts';
import { connectorOf } from '../connector-of.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import { leasedTx } from '../leased-tx.ts';
import { deliverWork, request } from '../request.ts';
import { isWritable } from '../wake-delivery.ts';

const MOST = 200;

/** A place at which a status can be shown. */
interface Place {
  readonly connection: string;
  readonly writer: StatusWriter;
}

/** A record that can show one. */
interface Shown extends Place {
  readonly vendorId: string;
}

/**
 * Shows at the records of each deal (the opportunity, and what was written for it) where its newest plan stands, in three
 * fields that an administrator installed for that. Only where they are installed and the connection is in mode
 * `write` and may be written. What
 * has not been sent yet gives way to what is newer, and none of it touches the reserve of a budget.
 */
export function showStatuses(deps: Deps, context: JobContext): Promise<void> {
  return leasedTx(deps, context, async (tx) => {
    const places = await placesOf(deps, tx);
    if (places.length === 0) return;
    const { address } = await commerceSettings(tx);
    const where = places.map(({ connection, writer }) => `${connection}:${writer.object}`).join();
    const due = await statusesToShow(tx, `${where} ${address ?? ''}`, MOST);
    const effects: Effect[] = [];
    for (const each of due) {
      const writes = await writesOf(tx, each.planId);
      const fields = wordsFor(each, writes, address);
      for (const { connection, vendorId, writer } of recordsOf(each, writes, places))
        effects.push({
          connection,
          object: writer.object,
          canonicalId: `status:${vendorId}`,
          vendorId,
          fields: {
            [writer.fields.status]: fields.status,
            [writer.fields.message]: fields.message,
            [writer.fields.link]: fields.link,
          },
          asDecided: true,
        });
    }
    const { targets } = await proposeIntents(tx, effects);
    await saveShown(tx, due);
    await request(deps, tx, targets.map(deliverWork));
  });
}

/** Where the fields are installed, as far as the system described itself when it was last read or written. */
async function placesOf(deps: Deps, tx: TenantTx): Promise<readonly Place[]> {
  const places: Place[] = [];
  const modes = await listModes(tx);
  for (const connection of await listConnections(tx)) {
    const { mode } = modeOf(modes, { connection: connection.id, agreement: null, products: [] });
    if (!isWritable(connection) || mode !== 'write') continue;
    for (const writer of connectorOf(deps.registry, connection.connector).shows ?? []) {
      const known = await knownSchema(tx, { connection: connection.id, stream: writer.of });
      const installed = Object.values(writer.fields).every((name) => known?.fields[name] !== undefined && known.fields[name]?.readOnly !== true); // prettier-ignore
      if (installed) places.push({ connection: connection.id, writer });
    }
  }
  return places;
}

function wordsFor(
  plan: StatusToShow,
  writes: readonly PlannedWrite[],
  address: string | undefined,
) {
  const problems = ((plan.body as Partial<PlanBody>).problems ?? []).map(({ message }) => message);
  const words = statusWords(plan, { writes, problems }, STATUS_MESSAGE_LENGTH);
  const page = words.status === 'Refused' ? '/errors' : '/';
  return { ...words, link: address === undefined ? null : new URL(page, address).href };
}

/** The deal itself, and what its plan has written, where they can show something. */
function recordsOf(
  plan: StatusToShow,
  writes: readonly PlannedWrite[],
  places: readonly Place[],
): readonly Shown[] {
  const { opportunity } = plan.body as Partial<PlanBody>;
  const deal = places.filter(({ connection, writer }) => writer.deals === true && connection === opportunity?.connection); // prettier-ignore
  const written = writes.flatMap(({ connection, object, state, vendorId }) => {
    const place = places.find(
      (each) => each.connection === connection && each.writer.of === object,
    );
    const there = state === 'APPLIED' && vendorId !== null && place !== undefined;
    return there ? [{ ...place, vendorId }] : [];
  });
  return [...deal.map((place) => ({ ...place, vendorId: opportunity?.ref ?? '' })), ...written];
}
