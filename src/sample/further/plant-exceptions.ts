import { addDays, type LocalDate } from '../../kernel/dates.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { PlantedDrift } from '../../sdk/define-twin.ts';
import { TODAY } from '../instants.ts';
import { bought, seat } from './bought.ts';
import { planting, times, type Planter, type Planting, type SaidRecord } from './planting.ts';

const SKU = 'PILOT-PRODUCT';
/** Only what the company itself decided is an exception. */
const OURS = 'trueup';

function exception(id: string, validTo: LocalDate, change: JsonObject = {}): SaidRecord {
  const body = {
    externalRef: id,
    kind: 'pilot',
    ownerRef: 'own',
    skuCode: SKU,
    quantityCap: '1',
    rationale: 'A pilot with a few people.',
    requesterRef: 'usr-requester',
    approverRefs: ['usr-approver'],
    status: 'approved',
    validFrom: '2025-11-03',
    validTo,
    ...change,
  };
  return { connection: OURS, noun: 'exception', body };
}

/** Exceptions that end soon; those that end later, have ended, were taken back or have not begun. */
export function plantExceptions({ prng, cases }: Planter): Planting {
  const ending = times(cases(), (at) => ({ id: `EXC-SOON-${at}`, days: prng.int(1, 14) }));
  const inDays = (days: number): LocalDate => addDays(TODAY, days);
  return planting({
    records: [
      ...bought(SKU, 'user_subscription', [{ quantity: 100, from: addDays(TODAY, -500) }]),
      ...times(40, (at) => seat(SKU, `pilot-${at}`, { from: '2025-11-03' })),
      ...ending.map(({ id, days }) => exception(id, inDays(days))),
      exception('EXC-LATER', inDays(15)),
      exception('EXC-OVER', TODAY),
      exception('EXC-REVOKED', inDays(5), { status: 'revoked' }),
      exception('EXC-TO-COME', inDays(9), { validFrom: inDays(2) }),
    ],
    planted: ending.map(({ id, days }): PlantedDrift => {
      const since = inDays(days - 14);
      const note = `It ends before ${inDays(days)}.`;
      return { kind: 'expiring_exception', subject: { type: 'Exception', id }, sku: SKU, note, since };
    }),
  }); // prettier-ignore
}
