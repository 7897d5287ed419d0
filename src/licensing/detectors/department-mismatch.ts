import { contains } from '../../kernel/dates.ts';
import type { Detector } from './detector.ts';

/** How names of departments are compared: without regard to case and blanks at their ends or doubled. */
function comparable(name: string | undefined): string {
  return (name ?? '').trim().replaceAll(/\s+/g, ' ').toLowerCase();
}

/**
 * A login in another department than HR has the person in on the day reconciled: costs go to the wrong one. Nothing is
 * found where either of them says nothing, or where one of several employments agrees.
 */
export const departmentMismatch: Detector = {
  kind: 'department_mismatch',
  version: 1,
  severity: 'low',
  detect({ snapshot, staff }) {
    const { asOf } = snapshot;
    return staff.flatMap(({ account, link, spells }) => {
      const current = spells.filter(
        ({ body }) =>
          comparable(body.departmentName) !== '' &&
          contains({ from: body.validFrom ?? asOf, to: body.validTo }, asOf),
      );
      const own = comparable(account.body.departmentName);
      const agrees = current.some(({ body }) => comparable(body.departmentName) === own);
      if (own === '' || current.length === 0 || agrees) return [];
      const hr = current.map(({ body }) => body.departmentName).join(', ');
      return {
        subject: { type: 'UserAccount', id: account.externalRef },
        connection: account.connection,
        sku: null,
        money: null,
        evidence: [account.factId, ...link.evidence, ...current.map((each) => each.factId)],
        owner: 'hr',
        summary: `Login ${account.externalRef} is in ${account.body.departmentName}, but HR has the person in ${hr}. Correct the one that is wrong.`,
      };
    });
  },
};
