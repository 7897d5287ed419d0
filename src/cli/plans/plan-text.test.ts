import { expect, test } from '@jest/globals';
import { planText, type ShownPlan } from './plan-text.ts';

const plan: ShownPlan = {
  id: 'pln_1',
  kind: 'closed_won',
  status: 'waiting',
  hash: 'abc',
  approvedBy: null,
  body: {
    total: { amount: '1200.00', currency: 'EUR' },
    opportunity: { name: 'Acme licences' },
    problems: [],
    notes: ['The deal is 40 days late.'],
  },
  changes: {
    readAt: '2026-03-02T10:00:00.000Z',
    calls: 6,
    records: [
      {
        connection: 'erp',
        object: 'salesOrder',
        vendorId: '4711',
        does: 'update',
        fields: [
          { field: 'tranDate', present: '2026-03-01', planned: '2026-03-02' },
          { field: 'memo', present: null, planned: 'Trueup' },
        ],
      },
      {
        connection: 'crm',
        object: 'Contract',
        vendorId: null,
        does: 'create',
        fields: [{ field: 'lines', present: null, planned: [{ item: 'A', quantity: 2 }] }],
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
To be billed: 1200.00 EUR

erp salesOrder 4711 (changed record)
  tranDate: 2026-03-01 -> 2026-03-02
  memo: nothing -> Trueup

crm Contract (new record)
  lines: 1 line [item A, quantity 2]

What the systems hold was read at 2026-03-02T10:00:00.000Z. Applying takes at most 6 calls.

Notes:
  The deal is 40 days late.

To approve exactly this: trueup plans approve pln_1 --hash abc`);
});

test('a plan that stopped half-way says how far it is, what waits and why, and how it goes on', () => {
  const waiting = [{ connection: 'erp', object: 'salesOrder', why: 'was refused: no such item' }];

  const text = planText({ ...plan, status: 'applying', progress: { of: 2, done: 1, waiting } });

  expect(text).toContain('Plan pln_1 is applying: 1 of 2 records are done.');
  expect(text).toContain('Waiting:\n  erp salesOrder was refused: no such item');
  expect(text).toContain('trueup plans resume pln_1');
});
