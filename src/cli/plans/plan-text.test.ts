import { expect, test } from '@jest/globals';
import { planText, type ShownPlan } from './plan-text.ts';

const plan: ShownPlan = {
  id: 'pln_1',
  kind: 'closed_won',
  status: 'waiting',
  hash: 'abc',
  approvedBy: null,
  problem: null,
  body: {
    total: { amount: '1200.00', currency: 'EUR' },
    opportunity: { name: 'Acme licences' },
    order: {
      currency: 'EUR',
      lines: [{ skuCode: 'A', quantity: '2', unitPrice: '600.00', serviceFrom: '2026-03-01', serviceToInclusive: '2027-02-28' }], // prettier-ignore
    },
    entitlements: [{ status: 'draft' }],
    problems: [],
    notes: ['The deal is 40 days late.'],
  },
  changes: {
    readAt: '2026-03-02T10:00:00.000Z',
    shown: 's1',
    calls: 6,
    products: { A: 'Acme Core' },
    approver: null,
    records: [
      {
        connection: 'erp',
        object: 'salesOrder',
        vendorId: '4711',
        name: 'SO-12',
        does: 'update',
        fields: [
          { field: 'tranDate', label: 'order date', present: '2026-03-01', planned: '2026-03-02', presentName: null, plannedName: null }, // prettier-ignore
          { field: 'entity.id', label: 'ERP customer', present: null, planned: '17', presentName: null, plannedName: 'Acme Inc' }, // prettier-ignore
          {
            field: 'item.items',
            label: 'lines',
            present: [{ item: { itemId: 'A' }, quantity: '2.0', custcol_trueup_service_end: '2027-01-31' }], // prettier-ignore
            planned: [{ item: { itemId: 'A' }, quantity: 2, custcol_trueup_service_end: '2027-02-28' }], // prettier-ignore
            presentName: null,
            plannedName: null,
          },
        ],
      },
      {
        connection: 'crm',
        object: 'Contract',
        vendorId: null,
        name: null,
        does: 'create',
        fields: [{ field: 'lines', label: null, present: null, planned: [{ item: 'A', quantity: 2 }], presentName: null, plannedName: null }], // prettier-ignore
      },
    ],
    unread: [],
  },
  mode: { mode: 'write', because: 'nothing is set' },
  progress: null,
  moved: null,
};

test('a plan reads as sentences and as from-to lines, with the money and the next step', () => {
  const text = planText(plan);

  expect(text).toBe(`Won deal: Acme licences
Plan pln_1 is waiting.
To be billed: 1,200.00 EUR

Lines:
  2 × Acme Core (A) at 600.00, 2026-03-01 to 2027-02-28: 1,200.00 EUR

Rights:
  1 right, which starts once the order is approved

In erp: changed sales order SO-12 (4711)
  order date (tranDate): 2026-03-01 -> 2026-03-02
  ERP customer (entity.id): nothing -> Acme Inc (17)
  lines (item.items): 1 line -> 1 line
    1. A: service end 2027-01-31 -> 2027-02-28

In crm: new contract
  lines: 1 line, as above

What the systems hold was read at 2026-03-02 10:00 UTC. Applying takes at most 6 calls to them.

Notes:
  The deal is 40 days late.

To approve exactly this: trueup plans approve pln_1 --hash abc --shown s1`);
});

test('money that a reversal gives back, or takes again, is said so', () => {
  const body = { ...plan.body, total: { amount: '1234567.5', currency: 'EUR' } };
  const reversal = (bills: 'less' | 'more') => planText({ ...plan, kind: 'reversal', body: { ...body, reversal: { bills } } }); // prettier-ignore

  expect(reversal('less')).toContain('No longer to be billed: 1,234,567.5 EUR');
  expect(reversal('more')).toContain('To be billed again: 1,234,567.5 EUR');
});

test('a plan that stopped half-way says how far it is, what waits and why, and how it goes on', () => {
  const waiting = [{ connection: 'erp', object: 'salesOrder', why: 'was refused: no such item' }];

  const overtaken = [{ connection: 'crm', object: 'Contract', why: 'Something later took its place.' }]; // prettier-ignore

  const text = planText({ ...plan, status: 'applying', progress: { of: 2, done: 1, overtaken, waiting } }); // prettier-ignore

  expect(text).toContain('Plan pln_1 is applying: 1 of 2 records are done.');
  expect(text).toContain('Not done:\n  crm contract: Something later took its place.');
  expect(text).toContain('Waiting:\n  erp sales order was refused: no such item');
  expect(text).toContain('trueup plans resume pln_1');
});
