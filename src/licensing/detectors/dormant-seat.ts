import { addDays, contains } from '../../kernel/dates.ts';
import type { Fact } from '../../ledger/fact.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import type { DriftWorld } from '../drift-world.ts';
import { bySource, compareText } from '../sort.ts';
import type { Detector } from './detector.ts';

/** A sign that a login used a product, and the fact that gives it. */
interface SignOfUse {
  readonly at: string;
  readonly factId: string;
}

const day = (instant: string): string => new Date(instant).toISOString().slice(0, 10);

/** The latest sign of use of each login and part number. That a seat was counted as held or billed is none. */
function signsOfUse({ snapshot, catalogue }: DriftWorld): ReadonlyMap<string, SignOfUse> {
  const latest = new Map<string, SignOfUse>();
  const note = (key: string, sign: SignOfUse): void => {
    const known = latest.get(key);
    if (known === undefined || Date.parse(known.at) < Date.parse(sign.at)) latest.set(key, sign);
  };
  const keyOf = (connection: string, login: string, sku: string): string =>
    JSON.stringify([byAccount(connection, login), catalogue.resolve(connection, sku)]);
  for (const { connection, factId, body } of snapshot.usage.toSorted(bySource)) {
    const isUse = body.kind !== 'assigned' && body.kind !== 'installed';
    if (isUse && body.subjectType === 'account')
      note(keyOf(connection, body.subjectRef, body.skuCode), { at: body.observedAt, factId });
  }
  for (const { connection, factId, body } of snapshot.checkouts.toSorted(bySource)) {
    if (body.userRef !== undefined)
      note(keyOf(connection, body.userRef, body.skuCode), { at: body.inAt ?? body.outAt, factId });
  }
  return latest;
}

function lastSign(
  seat: Fact<'seatAssignment'>,
  signs: ReadonlyMap<string, SignOfUse>,
  world: DriftWorld,
): SignOfUse | null {
  const { connection, body } = seat;
  const login = byAccount(connection, body.userAccountRef);
  const sku = world.catalogue.resolve(connection, body.skuCode);
  return signs.get(JSON.stringify([login, sku])) ?? null;
}

/**
 * A seat in force of one of our own people whose last sign of use is `dormantAfterDays` or more ago (domain e). A seat of
 * which no source tells anything is not dormant: unknown activity is not inactivity.
 */
export const dormantSeat: Detector = {
  kind: 'dormant_seat',
  version: 1,
  severity: 'medium',
  detect(world) {
    const { asOf, detection } = world.snapshot;
    const since = addDays(asOf, -detection.dormantAfterDays);
    const signs = signsOfUse(world);
    const inForce = world.snapshot.seats.filter(
      ({ body }) =>
        body.posture === 'licensee' &&
        body.active &&
        contains({ from: body.validFrom ?? asOf, to: body.validTo }, asOf),
    );
    return inForce.toSorted(bySource).flatMap((seat) => {
      const sign = lastSign(seat, signs, world);
      // A seat that was given after the last sign has not had its days yet.
      const counted = [sign === null ? '' : day(sign.at), seat.body.validFrom ?? '']
        .toSorted(compareText)
        .at(-1);
      if (sign === null || counted === undefined || counted > since) return [];
      const sku = world.catalogue.resolve(seat.connection, seat.body.skuCode);
      return {
        subject: { type: 'UserAccount', id: seat.body.userAccountRef },
        connection: seat.connection,
        sku,
        money: world.seatPrices.get(sku) ?? null,
        evidence: [seat.factId, sign.factId],
        owner: 'it' as const,
        summary: `Login ${seat.body.userAccountRef} holds a seat of ${sku} and last used it on ${day(sign.at)}. Take the seat back, or say why it is kept.`,
      };
    });
  },
};
