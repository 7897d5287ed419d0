import { contains } from '../../kernel/dates.ts';
import { bySource } from '../sort.ts';
import type { Detector } from './detector.ts';

/**
 * Somebody whom HR employs on the day reconciled and who has no active login anywhere. Without any login read, nobody
 * can be missing; a person with a login whose link is doubtful is found there, as an unlinked account.
 */
export const missingInDirectory: Detector = {
  kind: 'missing_in_directory',
  version: 1,
  severity: 'low',
  detect({ snapshot, staff, spellsOf }) {
    const { asOf } = snapshot;
    if (snapshot.accounts.length === 0) return [];
    const present = new Set(staff.map(({ link }) => link.personKey));
    const absent = [...spellsOf].flatMap(([person, spells]) => {
      if (person === '' || present.has(person)) return [];
      const inForce = ({ body }: (typeof spells)[number]): boolean =>
        contains({ from: body.validFrom ?? asOf, to: body.validTo }, asOf);
      return spells.filter(inForce).slice(0, 1);
    });
    return absent.toSorted(bySource).map((spell) => ({
      subject: { type: 'EmploymentSpell', id: spell.externalRef },
      connection: spell.connection,
      sku: null,
      money: null,
      evidence: [spell.factId],
      owner: 'hr',
      summary: `HR employs the person of ${spell.externalRef}, but no directory has an active login for that person. Create one, or end the employment in HR.`,
    }));
  },
};
