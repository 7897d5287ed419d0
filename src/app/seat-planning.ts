import type { TenantTx } from '../db/store.ts';
import type { Effect } from '../delivery/effect.ts';
import type { RecordOrder } from '../delivery/intent-order.ts';
import { getConnection, type Connection } from '../intake/connections.ts';
import { hashJson, type Json } from '../kernel/hash.ts';
import { externalIdOf } from '../kernel/ids.ts';
import type { PlanBody } from './deal-planning.ts';
import type { Deps } from './deps.ts';
import { seatWriting, type SeatDocument, type SeatWriting } from './seat-effects.ts';
import type { SeatDraft, SeatLine, SeatRequest } from './seat-plan.ts';
import { releaseSeats } from './seat-release.ts';
import { loadSeatWorld, type HeldSeat, type Login, type SeatWorld } from './seat-selection.ts';

/** Draws up what a request asks of the systems that give the seats. Reads only; called again before the plan is applied. */
export async function drawUpSeats(
  deps: Pick<Deps, 'mappings' | 'clock'>,
  tx: TenantTx,
  request: SeatRequest,
): Promise<SeatDraft> {
  if (request.action === 'release') return releaseSeats(tx, request);
  const world = await loadSeatWorld(tx, deps.clock.today());
  const draft = emptyDraft();
  const writings = new Map<string, { connection: Connection; writing: SeatWriting }>();
  for (const wanted of request.seats) {
    const seat = world.seats.find(
      (each) => each.connection === wanted.connection && each.seatRef === wanted.seatRef,
    );
    if (seat === undefined) {
      draft.leftOut.push({ ...wanted, reason: 'Nobody holds this seat any more.' });
      continue;
    }
    const known = writings.get(seat.connection) ?? (await writingOf(deps, tx, seat.connection));
    writings.set(seat.connection, known);
    const asked = askedOf(tx.tenantId, world, request, seat, known.writing);
    if ('reason' in asked) draft.leftOut.push({ ...wanted, ...asked });
    else add(draft, seat, asked);
  }
  return { ...draft, freed: draft.lines.filter(({ becomes }) => becomes !== 'given').length };
}

interface Growing {
  readonly lines: SeatLine[];
  readonly leftOut: SeatDraft['leftOut'][number][];
  readonly effects: Effect[];
  readonly orders: RecordOrder[];
  readonly inputs: PlanBody['inputs'][number][];
}

const emptyDraft = (): Growing => ({ lines: [], leftOut: [], effects: [], orders: [], inputs: [] });

async function writingOf(deps: Pick<Deps, 'mappings' | 'clock'>, tx: TenantTx, id: string) {
  const connection = await getConnection(tx, id);
  return { connection, writing: await seatWriting(deps, tx, connection) };
}

/** What one seat asks for, or why it is left alone. */
type Asked =
  | {
      readonly lines: readonly SeatLine[];
      readonly effects: readonly Effect[];
      readonly orders: readonly RecordOrder[];
      readonly to: Login | null;
    }
  | { readonly reason: string };

function askedOf(
  tenantId: string,
  world: SeatWorld,
  { action, to }: SeatRequest,
  seat: HeldSeat,
  writing: SeatWriting,
): Asked {
  switch (action) {
    case 'hold':
      return held(seat, writing);
    case 'reassign':
      return reassigned(tenantId, world, seat, to ?? '', writing);
    case 'reclaim':
    case 'release':
      return single(writing.effectOf(seatDocument(seat, seat, 'taken')), seat, 'taken');
  }
}

/** A login that can be switched off is; else the seat itself, where its vendor can keep it for somebody and give nothing. */
function held(seat: HeldSeat, writing: SeatWriting): Asked {
  const { connection, userRef, userName } = seat;
  if (writing.hasLogins) {
    const canonicalId = `login:${connection}/${userRef}`;
    const document = { userRef, userName, active: false };
    return single(writing.effectOf({ name: 'outboundLogin', canonicalId, document }), seat, 'held');
  }
  if (writing.canHold) return single(writing.effectOf(seatDocument(seat, seat, 'held')), seat, 'held'); // prettier-ignore
  return {
    reason: `${connection} can give a seat or take it, and not hold it. Reclaim it instead.`,
  };
}

/** The seat is given only once the other is seen to be free: a vendor without a spare one would refuse it. */
function reassigned(
  tenantId: string,
  world: SeatWorld,
  seat: HeldSeat,
  person: string,
  writing: SeatWriting,
): Asked {
  const { connection, skuCode, product } = seat;
  const [login, ...others] = world.loginsOf(person, connection);
  if (login === undefined) return { reason: `${person} has no login in ${connection}.` };
  if (others.length > 0)
    return {
      reason: `${person} has ${others.length + 1} logins in ${connection}. Name one by its id.`,
    };
  const holds = world.seats.some(
    (each) =>
      each.connection === connection && each.userRef === login.userRef && each.skuCode === skuCode,
  );
  if (holds) return { reason: `${person} holds a seat of ${product} already.` };
  const take = writing.effectOf(seatDocument(seat, seat, 'taken'));
  if ('reason' in take) return take;
  const give = writing.effectOf(seatDocument(seat, login, 'given'));
  if ('reason' in give) return give;
  if (give.object !== take.object)
    return { reason: `${connection} writes the two seats as ${take.object} and ${give.object}.` };
  const taken = lineOf(seat, take, 'taken');
  const given = { ...lineOf(seat, give, 'given'), userRef: login.userRef, seatRef: give.vendorId ?? '' }; // prettier-ignore
  const order = {
    connection,
    object: give.object,
    externalId: externalIdOf({ tenantId, ...give }),
    afterExternalId: externalIdOf({ tenantId, ...take }),
  };
  return { lines: [taken, given], effects: [take, give], orders: [order], to: login };
}

function seatDocument(
  { connection, skuCode }: HeldSeat,
  { userRef, userName }: Pick<Login, 'userRef' | 'userName'>,
  becomes: 'taken' | 'given' | 'held',
): SeatDocument {
  const document = { userRef, userName, skuCode, assigned: becomes !== 'taken', enabled: becomes === 'given' }; // prettier-ignore
  return {
    name: 'outboundSeat',
    canonicalId: `seat:${connection}/${userRef}/${skuCode}`,
    document,
  };
}

function lineOf(
  { connection, seatRef, userRef, product }: HeldSeat,
  { canonicalId }: Effect,
  becomes: SeatLine['becomes'],
): SeatLine {
  return { connection, seatRef, userRef, product, canonicalId, becomes };
}

function single(
  effect: Effect | { readonly reason: string },
  seat: HeldSeat,
  becomes: SeatLine['becomes'],
): Asked {
  if ('reason' in effect) return effect;
  return { lines: [lineOf(seat, effect, becomes)], effects: [effect], orders: [], to: null };
}

/** A login that is held for two of its seats is one effect. */
function add(
  draft: Growing,
  seat: HeldSeat,
  asked: Exclude<Asked, { readonly reason: string }>,
): void {
  const isKnown = ({ connection, canonicalId }: Effect): boolean =>
    draft.effects.some(
      (each) => each.connection === connection && each.canonicalId === canonicalId,
    );
  const about = { products: [seat.product], account: null, worth: null };
  draft.effects.push(...asked.effects.filter((effect) => !isKnown(effect)).map((effect) => ({ ...effect, about }))); // prettier-ignore
  draft.lines.push(...asked.lines);
  draft.orders.push(...asked.orders);
  draft.inputs.push({ factId: seat.factId, noun: 'seatAssignment', externalRef: seat.seatRef });
  if (asked.to === null) return;
  draft.inputs.push({
    factId: asked.to.factId,
    noun: 'userAccount',
    externalRef: asked.to.userRef,
  });
}

/**
 * The hash that an approval binds to: what would be done, the facts it rests on, and the newest intent of each record, so
 * that doing the same again after it was taken back is a plan of its own.
 */
export async function seatPlanHash(tx: TenantTx, draft: SeatDraft): Promise<string> {
  const externalIds = draft.effects.map((effect) =>
    externalIdOf({ tenantId: tx.tenantId, ...effect }),
  );
  const rows = await tx.sql<{ id: string }>(
    `select distinct on (i.external_id) i.id from intent i where i.external_id = any($1)
     order by i.external_id, i.revision desc`,
    [externalIds],
  );
  return hashJson({
    effects: seatContent(draft.effects),
    inputs: draft.inputs.map(({ factId }) => factId),
    newest: rows.map(({ id }) => id),
    ...((draft.dropped ?? []).length === 0
      ? {}
      : { dropped: [...(draft.dropped ?? [])].toSorted() }),
  });
}

/** What would be done. A new version of a mapping that gives the same values is no other plan. */
export function seatContent(effects: readonly Effect[]): Json {
  return effects.map(({ connection, object, canonicalId, vendorId, fields }) => ({
    connection,
    object,
    canonicalId,
    vendorId,
    fields,
  }));
}
