import { describe, expect, test } from '@jest/globals';
import type { Json } from '../kernel/hash.ts';
import { checkEntries, checkTable, type LookupKind } from './lookup-kinds.ts';

const problems = (kind: LookupKind, value: Json, key = 'A') =>
  checkEntries(kind, [[key, value]]).map(({ member, code }) => `${code} ${member ?? 'key'}`);
const period = (name: string, from: string, to: string) => ({ name, from, to });

test.each(['', '  ', ' A', 'A\t', 'x'.repeat(201)])('the key %j is no key', (key) => {
  expect(problems('free', 1, key)).toHaveLength(1);
});

describe('values', () => {
  test.each([
    ['free', { any: ['thing', 1, null] }],
    ['sku-taxonomy', 'CRM-PRO'],
    ['currencies', 'EUR'],
    ['subsidiaries', { externalRef: '3', name: 'Acme GmbH', currency: 'EUR', countryCode: 'DE' }],
    ['fiscal-calendars', { startMonth: 4 }],
    ['fiscal-calendars', { kind: '445', yearEndMonth: 1 }],
    ['fiscal-calendars', { periods: [period('P1', '2026-01-01', '2026-02-01'), period('P2', '2026-02-01', '2026-03-01')] }],
  ] as const)('of a table of %s may be %j', (kind, value) => {
    expect(problems(kind, value)).toEqual([]);
  }); // prettier-ignore

  test.each([
    ['sku-taxonomy', { code: 'CRM' }, 'value'],
    ['sku-taxonomy', ' CRM', 'value'],
    ['currencies', 'XZQ', 'value'],
    ['currencies', 'eur', 'value'],
    ['subsidiaries', { externalRef: '3' }, 'name'],
    ['subsidiaries', { externalRef: '3', name: 'A', currency: 'Euro' }, 'currency'],
    ['fiscal-calendars', { startMonth: 13 }, 'startMonth'],
    ['fiscal-calendars', { periods: [] }, 'periods'],
    ['free', 'x\u0000', 'value'],
  ] as const)('of a table of %s may not be %j', (kind, value, member) => {
    expect(problems(kind, value)).toEqual([`bad_value ${member}`]);
  });

  test.each([
    ['a gap', [period('P1', '2026-01-01', '2026-02-01'), period('P2', '2026-02-02', '2026-03-01')]],
    ['an overlap', [period('P1', '2026-01-01', '2026-02-02'), period('P2', '2026-02-01', '2026-03-01')]],
    ['there twice', [period('P1', '2026-01-01', '2026-02-01'), period('P1', '2026-02-01', '2026-03-01')]],
    ['before its first day', [period('P1', '2026-02-01', '2026-02-01')]],
  ] as const)('periods of a fiscal calendar with %s are refused, and it is said where', (words, periods) => {
    const [problem, ...more] = checkEntries('fiscal-calendars', [['FY26', { periods }]]);

    expect(more).toEqual([]);
    expect(problem?.message).toContain(words);
    expect(problem?.member).toMatch(/^periods\.\d$/);
  }); // prettier-ignore
});

test('a subsidiary has a parent that is there, and is not its own', () => {
  const of = (...rows: readonly (readonly [string, string?])[]) =>
    new Map<string, Json>(
      rows.map(([ref, parent]) => [ref, { externalRef: ref, name: ref, ...(parent === undefined ? {} : { parentRef: parent }) }]),
    ); // prettier-ignore
  const check = (table: ReadonlyMap<string, Json>) =>
    checkTable('subsidiaries', table).map(({ key, code }) => `${key} ${code}`);

  expect(check(of(['1'], ['2', '1'], ['3', '2']))).toEqual([]);
  expect(check(of(['1'], ['2', '9']))).toEqual(['2 no_parent']);
  expect(check(of(['1', '2'], ['2', '1'], ['3', '1']))).toEqual(['1 parent_circle', '2 parent_circle']); // prettier-ignore
});
