import { describe, expect, test } from '@jest/globals';
import { factOf } from '../../test/support/facts.ts';
import {
  core,
  entitlement,
  grant,
  lineOf,
  seats,
  sku,
} from '../../test/support/licensing-facts.ts';

describe('rights in force', () => {
  test('a draft entitlement gives no rights, whatever its transactions say', () => {
    const line = lineOf('2026-03-02', {
      ...core,
      entitlements: [entitlement('e1', { status: 'draft' })],
      transactions: [grant('e1', '25', '2026-01-01')],
      seats: seats(1),
    });

    expect(line).toMatchObject({ rightsOwned: '0', shortfall: '1', status: 'non_compliant' });
  });

  test('G-56: a ramp is one segment at a time, never the sum of its years', () => {
    const facts = {
      ...core,
      entitlements: [entitlement('e1')],
      transactions: [
        grant('e1', '100', '2026-01-01', '2027-01-01'),
        grant('e1', '150', '2027-01-01', '2028-01-01'),
        grant('e1', '200', '2028-01-01', '2029-01-01'),
      ],
      seats: seats(1),
    };

    expect(
      ['2026-12-31', '2027-06-01', '2028-01-01'].map((day) => lineOf(day, facts).rightsOwned),
    ).toEqual(['100', '150', '200']);
  });

  test('G-57: a renewal that was signed early gives nothing before its own start', () => {
    const facts = {
      ...core,
      entitlements: [entitlement('old'), entitlement('new')],
      transactions: [
        grant('old', '100', '2025-01-01', '2026-01-01'),
        grant('new', '110', '2026-01-01', '2027-01-01'),
      ],
      seats: seats(1),
    };

    expect(
      ['2025-12-15', '2025-12-31', '2026-01-01'].map((day) => lineOf(day, facts).rightsOwned),
    ).toEqual(['100', '100', '110']);
  });

  test('a reversal takes the rights back from its day on, and leaves the days before as they were', () => {
    const facts = {
      ...core,
      entitlements: [entitlement('e1', { status: 'reversed' })],
      transactions: [
        grant('e1', '25', '2026-01-01', '2027-01-01'),
        grant('e1', '-25', '2026-02-01', '2027-01-01'),
      ],
      seats: seats(1),
    };

    expect(['2026-01-31', '2026-02-01'].map((day) => lineOf(day, facts).rightsOwned)).toEqual([
      '25',
      '0',
    ]);
  });

  test('deltas are rights, prices are per pack, and a true-up is bought in whole packs', () => {
    const line = lineOf('2026-03-02', {
      skus: [sku('CORE', 'named_user', 10)],
      entitlements: [entitlement('e1', { unitPrice: '500', currency: 'USD' })],
      transactions: [grant('e1', '20', '2026-01-01')],
      seats: seats(23),
    });

    expect(line).toMatchObject({
      rightsOwned: '20',
      shortfall: '3',
      trueUpUnitPrice: '50',
      trueUpCost: '500.00',
    });
  });

  test('a terminated agreement gives no rights', () => {
    const line = lineOf('2026-03-02', {
      ...core,
      agreements: [
        factOf('agreement', 'crm', {
          externalRef: 'A1',
          number: 'A1',
          posture: 'licensor',
          status: 'Terminated',
        }),
      ],
      entitlements: [entitlement('e1', { agreementRef: 'A1' })],
      transactions: [grant('e1', '25', '2026-01-01')],
      seats: seats(1),
    });

    expect(line).toMatchObject({ rightsOwned: '0', warnings: ['agreement_ended', 'no_price'] });
  });

  test('an unlimited entitlement covers all use while it is in force, and only then', () => {
    const facts = {
      ...core,
      entitlements: [entitlement('e1', { unlimited: true })],
      transactions: [grant('e1', '0', '2026-01-01', '2026-03-01')],
      seats: seats(3),
    };

    expect(lineOf('2026-02-28', facts)).toMatchObject({
      unlimited: true,
      unlimitedCovered: '3',
      shortfall: '0',
      status: 'compliant',
    });
    expect(lineOf('2026-03-01', facts)).toMatchObject({
      unlimited: false,
      shortfall: '3',
      status: 'non_compliant',
    });
  });
});

describe('grace', () => {
  const facts = {
    ...core,
    agreements: [
      factOf('agreement', 'crm', {
        externalRef: 'A1',
        number: 'A1',
        posture: 'licensor',
        graceDays: 30,
      }),
    ],
    entitlements: [entitlement('e1', { agreementRef: 'A1' })],
    transactions: [grant('e1', '50', '2025-04-01', '2026-04-01')],
    seats: seats(50),
  };

  test('G-10: fifty rights that ended on 31 March are in grace to 30 April, and never owned', () => {
    const lines = ['2026-04-15', '2026-04-30', '2026-05-01'].map((day) => lineOf(day, facts));

    expect(
      lines.map((line) => [line.status, line.rightsOwned, line.graceCovered, line.shortfall]),
    ).toEqual([
      ['in_grace', '0', '50', '0'],
      ['in_grace', '0', '50', '0'],
      ['non_compliant', '0', '0', '50'],
    ]);
  });

  test('a term that was renewed has no grace on top', () => {
    const renewed = {
      ...facts,
      entitlements: [...facts.entitlements, entitlement('e2')],
      transactions: [...facts.transactions, grant('e2', '45', '2026-04-01', '2027-04-01')],
    };

    expect(lineOf('2026-04-15', renewed)).toMatchObject({
      rightsOwned: '45',
      graceRights: '5',
      graceCovered: '5',
      shortfall: '0',
    });
  });
});
