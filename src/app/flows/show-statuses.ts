import type { TenantTx } from '../../db/store.ts';
import type { Effect } from '../../delivery/effect.ts';
import {
  saveShown,
  saveShownRecords,
  shownByNewer,
  statusesToShow,
  writesOf,
  type PlannedWrite,
  type ShownRecord,
  type StatusToShow,
} from '../../delivery/shown-status.ts';
import { statusWords } from '../../delivery/status-words.ts';
import { listModes, modeOf, type ModeSetting } from '../../delivery/write-modes.ts';
import { listConnections } from '../../intake/connections.ts';
import { knownSchema } from '../../mapping/known-schemas.ts';
import { STATUS_MESSAGE_LENGTH, type StatusWriter } from '../../sdk/define-connector.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { commerceSettings } from '../commerce-settings.ts';
import { connectorOf } from '../connector-of.ts';
import type { PlanBody } from '../deal-planning.ts';
import type { Deps } from '../deps.ts';
import type { CancellationBody } from '../draw-up-cancellation.ts';
import type { ReversalBody } from '../draw-up-reversal.ts';
import { loadModes } from '../effect-modes.ts';
import { leasedTx } from '../leased-tx.ts';
import { proposeRun } from '../propose-effects.ts';
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
 * fields that an administrator installed for that. Only where they are installed, the connection is in mode `write` and
 * may be written, and all that the plan would write is in mode `write`. Of several plans about one record (an occurrence
 * of a deal and the next, a plan and its reversal) the newest is shown. What has not been sent yet gives way to what is
 * newer, an older plan is not shown over a newer one, and none of it touches the reserve of a budget.
 */
export function showStatuses(deps: Deps, context: JobContext): Promise<void> {
  return leasedTx(deps, context, async (tx) => {
    const settings = await listModes(tx);
    const places = await placesOf(deps, tx, settings);
    if (places.length === 0) return;
    const { address } = await commerceSettings(tx);
    const due = await statusesToShow(tx, whereOf(places, address, settings), MOST);
    const modes = await loadModes(tx);
    // The oldest plan comes first, so that a newer one takes its place.
    const effects = new Map<string, { readonly effect: Effect; readonly at: ShownRecord }>();
    for (const each of due) {
      if (modes.ofAll((each.body as Partial<PlanBody>).effects ?? []).mode !== 'write') continue;
      const writes = await writesOf(tx, each.planId);
      const words = wordsFor(each, writes, address);
      for (const shown of recordsOf(each, writes, places))
        effects.set(keyOf(recordOf(shown, each)), { effect: effectOf(shown, words), at: recordOf(shown, each) }); // prettier-ignore
    }
    const all = [...effects.values()];
    const older = new Set((await shownByNewer(tx, all.map(({ at }) => at))).map(keyOf)); // prettier-ignore
    const fresh = all.filter(({ at }) => !older.has(keyOf(at)));
    const { targets } = await proposeRun(tx, 'statuses', fresh.map(({ effect }) => effect)); // prettier-ignore
    await saveShownRecords(tx, fresh.map(({ at }) => at)); // prettier-ignore
    await saveShown(tx, due);
    await request(deps, tx, targets.map(deliverWork));
  });
}

/** What stands for the places, and for the modes of what is shown there: where one changes, all is looked at again. */
function whereOf(
  places: readonly Place[],
  address: string | undefined,
  settings: readonly ModeSetting[],
): string {
  const where = places.map(({ connection, writer }) => `${connection}:${writer.object}`).join();
  const modes = settings.map(({ scope, ref, mode }) => `${scope} ${ref} ${mode}`).join();
  return `${where} ${address ?? ''} ${modes}`;
}

function recordOf({ connection, writer, vendorId }: Shown, { planId }: StatusToShow): ShownRecord {
  return { connection, object: writer.of, vendorId, planId };
}

function keyOf({ connection, object, vendorId }: ShownRecord): string {
  return JSON.stringify([connection, object, vendorId]);
}

function effectOf(
  { connection, writer, vendorId }: Shown,
  { status, message, link }: ReturnType<typeof wordsFor>,
): Effect {
  const { object, fields } = writer;
  return {
    connection,
    object,
    canonicalId: `status:${vendorId}`,
    vendorId,
    fields: { [fields.status]: status, [fields.message]: message, [fields.link]: link },
    asDecided: true,
  };
}

/** Where the fields are installed, as far as the system described itself when it was last read or written. */
async function placesOf(
  deps: Deps,
  tx: TenantTx,
  modes: readonly ModeSetting[],
): Promise<readonly Place[]> {
  const places: Place[] = [];
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
  const body = plan.body as Partial<ReversalBody & CancellationBody>;
  const problems = (body.problems ?? []).map(({ message }) => message);
  const left = (body.reversal?.left ?? body.cancellation?.refused ?? []).length;
  const words = statusWords(
    plan,
    { writes, problems, left, problem: plan.problem },
    STATUS_MESSAGE_LENGTH,
  );
  const page = words.status === 'Refused' ? '/errors' : '/';
  return { ...words, link: address === undefined ? null : new URL(page, address).href };
}

/** The deal itself, and what its plan has written, where they can show something. */
function recordsOf(
  plan: StatusToShow,
  writes: readonly PlannedWrite[],
  places: readonly Place[],
): readonly Shown[] {
  const opportunity = opportunityOf(plan);
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

/** The opportunity that a plan is about; null for one that is about a request, a run or seats, or that takes such back. */
function opportunityOf({ kind, body }: StatusToShow): PlanBody['opportunity'] | null {
  const { opportunity = null, dealId, reversal } = body as Partial<ReversalBody>;
  if (kind === 'closed_won' || kind === 'reopen') return opportunity;
  const isOfPlan = kind === 'reversal' && reversal !== undefined && 'planId' in reversal.of;
  // A reversal names what the plan before it named, which was of a deal only where it says so.
  return isOfPlan && dealId?.startsWith('deal:') === true ? opportunity : null;
}
