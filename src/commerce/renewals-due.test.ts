import { describe, expect, test } from '@jest/globals';
import { factOf } from '../../test/support/facts.ts';
import { Agreement } from '../canonical/agreement.ts';
import { renewalsDue, type RenewalInputs } from './renewals-due.ts';
import { CommerceSettings } from './settings.ts';

const entitlement = (
  ref: string,
  over: {
    skuCode?: string;
    unitPrice?: string;
    ownerRef?: string;
    status?: 'active' | 'reversed';
  } = {},
) =>
  factOf('entitlement', 'trueup', {
    externalRef: ref,
    posture: 'licensor',
    skuCode: 'PRO',
    ownerRef: '001A',
    status: 'active',
    unitPrice: '100',
    currency: 'USD',
    ...over,
  });
const grant = (ref: string, quantityDelta: string, validFrom: string, validTo: string) =>
  factOf('entitlementTransaction', 'trueup', {
    externalRef: `${ref}:${validFrom}:${quantityDelta}`,
    entitlementRef: ref,
    type: 'grant',
    quantityDelta,
    reason: 'test',
    validFrom,
    validTo,
  });

function inputs(over: Partial<RenewalInputs>): RenewalInputs {
  return {
    entitlements: [entitlement('e')],
    transactions: [],
    agreements: new Map(),
    today: '2026-03-02',
    settings: CommerceSettings.parse({}),
    ...over,
  };
}

describe('renewals due', () => {
  test('the renewed term starts on the day after the old one’s last and is as long', () => {
    const [term] = renewalsDue(
      inputs({ transactions: [grant('e', '25', '2025-05-01', '2026-05-01')] }),
    );

    expect(term).toMatchObject({
      renewalFrom: '2026-05-01',
      renewalTo: '2027-05-01',
      noticeDeadline: '2026-03-01',
      total: '2500.00',
    });
  });

  test('G-55: the notice deadline is the inclusive end minus the agreement’s notice days', () => {
    const agreement = Agreement.parse({
      externalRef: 'c',
      number: '1',
      posture: 'licensor',
      noticeDays: 60,
    });

    const [term] = renewalsDue(
      inputs({
        today: '2026-01-15',
        transactions: [grant('e', '1', '2025-04-01', '2026-04-01')],
        agreements: new Map([['001A', agreement]]),
      }),
    );

    expect(term?.noticeDeadline).toBe('2026-01-30');
  });

  test('a renewal opens at the lead time, not a day before, and is over once the term has ended', () => {
    const transactions = [grant('e', '25', '2025-06-01', '2026-06-01')];
    const on = (today: string) => renewalsDue(inputs({ today, transactions })).length;

    expect([on('2026-03-02'), on('2026-03-03'), on('2026-05-31'), on('2026-06-01')]).toEqual([
      0, 1, 1, 0,
    ]);
  });

  test('G-56: the base of a ramp is its last segment', () => {
    const transactions = [
      grant('e', '100', '2024-04-01', '2025-04-01'),
      grant('e', '150', '2025-04-01', '2026-04-01'),
    ];

    const [term] = renewalsDue(inputs({ transactions }));

    expect(term?.lines).toEqual([
      { skuCode: 'PRO', quantity: '150', unitPrice: '100', amount: '15000.00' },
    ]);
  });

  test('G-57: rights that go on from the next day under a later entitlement are renewed already', () => {
    const entitlements = [entitlement('old'), entitlement('new')];
    const transactions = [
      grant('old', '100', '2025-04-01', '2026-04-01'),
      grant('new', '110', '2026-04-01', '2027-04-01'),
    ];

    expect(renewalsDue(inputs({ entitlements, transactions }))).toEqual([]);
  });

  test('what ends on one day for one customer is one renewal, with a line per SKU and price', () => {
    const entitlements = [
      entitlement('a'),
      entitlement('b'),
      entitlement('c', { skuCode: 'TEAM', unitPrice: '9.99' }),
      entitlement('d', { ownerRef: '001B' }),
    ];
    const transactions = ['a', 'b', 'c', 'd'].map((ref) =>
      grant(ref, '10', '2025-04-01', '2026-04-01'),
    );

    const terms = renewalsDue(inputs({ entitlements, transactions }));

    expect(terms.map((term) => [term.ownerRef, term.total])).toEqual([
      ['001A', '2099.90'],
      ['001B', '1000.00'],
    ]);
    expect(terms[0]?.lines.map((line) => [line.skuCode, line.quantity])).toEqual([
      ['PRO', '20'],
      ['TEAM', '10'],
    ]);
  });

  test('reversed rights are not renewed', () => {
    const transactions = [
      grant('e', '25', '2025-04-01', '2026-04-01'),
      grant('e', '-25', '2025-04-01', '2026-04-01'),
    ];

    expect(renewalsDue(inputs({ transactions }))).toEqual([]);
    expect(
      renewalsDue(
        inputs({
          entitlements: [entitlement('e', { status: 'reversed' })],
          transactions: transactions.slice(0, 1),
        }),
      ),
    ).toEqual([]);
  });
});
