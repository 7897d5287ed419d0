import { addDays, contains } from '../../kernel/dates.ts';
import type { Fact } from '../../ledger/fact.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import { personKeyOf } from '../../ledger/identity/persons-of-spells.ts';
import { bySource, compareText, groupBy } from '../sort.ts';
import type { Detector } from './detector.ts';

/** The last day of the person's last spell, as its exclusive end; null while one is open. */
function leftOn(spells: readonly Fact<'employmentSpell'>[]): string | null {
  const ends = spells.map((each) => each.body.validTo);
  return ends.some((end) => end === undefined)
    ? null
    : (ends.toSorted((left, right) => compareText(left ?? '', right ?? '')).at(-1) ?? null);
}

/**
 * A seat in force whose holder's last employment ended more than a day before the day reconciled (domain e): the
 * last inclusive day lies before `asOf` − 1 day. A rehire on a later day is no leaver.
 */
export const orphanedSeat: Detector = {
  kind: 'orphaned_seat',
  version: 1,
  severity: 'high',
  detect({ snapshot, persons, catalogue, seatPrices }) {
    const { asOf } = snapshot;
    const spellsOf = groupBy(snapshot.spells, (spell) => personKeyOf(spell) ?? '');
    const inForce = snapshot.seats.filter(
      ({ body }) =>
        body.posture === 'licensee' &&
        body.active &&
        contains({ from: body.validFrom ?? asOf, to: body.validTo }, asOf),
    );
    return inForce.toSorted(bySource).flatMap((seat) => {
      const { connection, body } = seat;
      const link = persons.get(byAccount(connection, body.userAccountRef));
      const spells = link === undefined ? [] : (spellsOf.get(link.personKey) ?? []);
      const end = leftOn(spells);
      // `end` is the first day after the last one worked, so "inclusive end < asOf − 1" is "end < asOf".
      if (link === undefined || end === null || end >= asOf) return [];
      const sku = catalogue.resolve(connection, body.skuCode);
      return {
        subject: { type: 'UserAccount', id: body.userAccountRef },
        connection,
        sku,
        money: seatPrices.get(sku) ?? null,
        evidence: [seat.factId, ...link.evidence, ...spells.map((each) => each.factId)],
        summary: `Login ${body.userAccountRef} still holds a seat of ${sku}; employment ended on ${addDays(end, -1)}. Take the seat back.`,
      };
    });
  },
};
