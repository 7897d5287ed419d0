import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json, JsonObject } from '../kernel/hash.ts';
import { isBlank, sameForm } from './same-value.ts';
import {
  decideField,
  decideRecord,
  fieldsToSend,
  valueAt,
  withValue,
  type FieldRuleName,
  type FieldSides,
  type Overrule,
} from './three-way.ts';

const RULES = [
  'prefer-source-unless-blank',
  'source-wins',
  'target-wins',
  'latest-wins',
  'ask',
  'dont-sync',
] as const satisfies readonly FieldRuleName[];

const value = fc.constantFrom<Json>(null, '', 'a', 'b', 'c', 0, 25, '25.00', true);
const at = fc.constantFrom(new Date(1_000), new Date(2_000));
const sides: fc.Arbitrary<FieldSides> = fc.record({
  rule: fc.constantFrom(...RULES),
  blank: fc.constantFrom('keep' as const, 'clear' as const),
  ours: value,
  theirs: value,
  agreed: fc.option(fc.record({ ours: value, theirs: value })),
  oursAt: at,
  theirsAt: fc.option(at),
});
/** A case that breaks the rule; null where none was found. */
const broken = (check: (given: FieldSides) => boolean) =>
  fc.check(fc.property(sides, check), { numRuns: 5_000 }).counterexample;

describe('one field that both sides may write', () => {
  test('is not written where both sides are equal', () => {
    expect(
      broken((given) => !sameForm(given.ours, given.theirs) || decideField(given).kind === 'keep'),
    ).toBeNull();
  });

  test('is never written over a value under target-wins, and never under dont-sync', () => {
    expect(
      broken((given) => {
        const { kind } = decideField(given);
        if (given.rule === 'dont-sync') return kind === 'keep';
        return given.rule !== 'target-wins' || isBlank(given.theirs) || kind !== 'write';
      }),
    ).toBeNull();
  });

  test('says so whenever a value of theirs goes', () => {
    expect(
      broken((given) => {
        const verdict = decideField(given);
        return verdict.kind !== 'write' || verdict.over === !isBlank(given.theirs);
      }),
    ).toBeNull();
  });

  test('keeps theirs where ours is blank, unless blank means clear', () => {
    expect(
      broken(
        (given) =>
          !isBlank(given.ours) || given.blank === 'clear' || decideField(given).kind === 'keep',
      ),
    ).toBeNull();
  });

  test('under ask is written only where theirs is blank or as agreed, and waits only where both changed', () => {
    expect(
      broken((given) => {
        if (given.rule !== 'ask') return true;
        const { kind } = decideField(given);
        const { agreed, ours, theirs } = given;
        const theirsIsNews = agreed === null ? !isBlank(theirs) : !sameForm(theirs, agreed.theirs);
        const oursIsNews = agreed === null || !sameForm(ours, agreed.ours);
        if (kind === 'write') return !theirsIsNews;
        return kind !== 'conflict' || (oursIsNews && theirsIsNews);
      }),
    ).toBeNull();
  });

  test('under latest-wins goes to the later change, and to a person where the vendor does not say when', () => {
    const both = {
      rule: 'latest-wins',
      blank: 'keep',
      ours: 'a',
      theirs: 'b',
      agreed: { ours: 'c', theirs: 'c' },
      oursAt: new Date(2_000),
    } as const;

    expect(decideField({ ...both, theirsAt: new Date(1_000) })).toEqual({
      kind: 'write',
      over: true,
    });
    expect(decideField({ ...both, theirsAt: new Date(3_000) }).kind).toBe('keep');
    expect(decideField({ ...both, theirsAt: new Date(2_000) }).kind).toBe('conflict');
    expect(decideField({ ...both, theirsAt: null }).kind).toBe('conflict');
  });
});

const record = (payload: JsonObject, held: JsonObject, ask: readonly string[], overrule: Overrule = {}) =>
  decideRecord({
    payload,
    held,
    rules: ask.map((field) => ({ field, rule: 'ask', blankPolicy: 'keep' })),
    agreed: {},
    overrule,
    oursAt: new Date(1_000),
    theirsAt: null,
  }); // prettier-ignore

describe('a record with a conflict', () => {
  test('sends what is independent of it', () => {
    const payload = { Name: 'ours', Note: 'new' };

    const { decided, open } = record(payload, { Name: 'theirs', Note: 'old' }, ['Name']);

    expect(open.map(({ field }) => field)).toEqual(['Name']);
    expect(fieldsToSend(payload, decided)).toEqual({ Note: 'new' });
    expect(decided).toContainEqual({ field: 'Note', did: 'wrote', why: 'prefer-source-unless-blank', theirs: 'old' });
  }); // prettier-ignore

  test('sends no part of money and term while one of them waits', () => {
    const payload = { Amount: 10, CloseDate: '2026-04-01', CurrencyIsoCode: 'EUR', Name: 'new' };
    const held = { Amount: 20, CloseDate: '2026-05-01', CurrencyIsoCode: 'USD', Name: 'old' };

    const { decided, open } = record(payload, held, ['Amount']);

    expect(open.map(({ field }) => field)).toEqual(['Amount']);
    expect(fieldsToSend(payload, decided)).toEqual({ Name: 'new' });
  });

  test('sends what a person decided, whatever the rule says', () => {
    const payload = { Amount: 10, Name: 'x' };

    const { decided, open } = record(payload, { Amount: 20, Name: 'x' }, ['Amount'], {
      Amount: 'ours',
    });

    expect(open).toEqual([]);
    expect(fieldsToSend(payload, decided)).toEqual({ Amount: 10 });
    expect(decided).toContainEqual({ field: 'Amount', did: 'wrote', why: 'decided', theirs: 20 });
  });

  test('keeps what a person took from the other side, until one of them changes', () => {
    const agreed = { Name: { ours: 'ours', theirs: 'theirs' } };
    const given = {
      payload: { Name: 'ours' },
      held: { Name: 'theirs' },
      rules: [{ field: 'Name', rule: 'source-wins', blankPolicy: 'keep' }],
      overrule: {},
      oursAt: new Date(1_000),
      theirsAt: null,
    } as const;

    const sent = (sides: Partial<Parameters<typeof decideRecord>[0]>) =>
      fieldsToSend(
        { Name: 'ours', ...sides.payload },
        decideRecord({ ...given, agreed, ...sides }).decided,
      );

    expect(sent({})).toEqual({});
    expect(sent({ agreed: {}, overrule: { Name: 'theirs' } })).toEqual({});
    expect(sent({ payload: { Name: 'newer' } })).toEqual({ Name: 'newer' });
    expect(sent({ held: { Name: 'changed' } })).toEqual({ Name: 'ours' });
  });

  test('names nested fields as rows do', () => {
    const payload = { entity: { id: '1', kind: 'x' }, memo: 'm' };

    const { decided } = record(payload, { entity: { id: '2' } }, ['entity.id']);

    expect(fieldsToSend(payload, decided)).toEqual({ entity: { kind: 'x' }, memo: 'm' });
    expect(valueAt(withValue(payload, 'entity.id', '3'), 'entity.id')).toBe('3');
  });
});

test('no value of theirs goes unrecorded, whatever the rules and values of a record', () => {
  const name = fc.constantFrom('A', 'B', 'C');
  const fields = fc.dictionary(name, value) as fc.Arbitrary<JsonObject>;
  const rules = fc.uniqueArray(
    fc.record({ field: name, rule: fc.constantFrom(...RULES), blankPolicy: fc.constantFrom('keep' as const, 'clear' as const) }),
    { selector: ({ field }) => field },
  ); // prettier-ignore
  const all = fc.record({
    payload: fields,
    held: fields,
    rules,
    agreed: fc.dictionary(name, fc.record({ ours: value, theirs: value })),
    overrule: fc.constantFrom<Overrule>({}, { A: 'ours' }, { A: 'theirs' }, { '*': 'ours' }),
    oursAt: at,
    theirsAt: fc.option(at),
  });

  const { counterexample } = fc.check(
    fc.property(all, (given) => {
      const { decided, open } = decideRecord(given);
      const sent = fieldsToSend(given.payload, decided);
      const lost = Object.entries(sent).filter(([field, ours]) => {
        const theirs = given.held[field] ?? null;
        const told = decided.some((each) => each.field === field && sameForm(each.theirs, theirs));
        return !isBlank(theirs) && !sameForm(ours, theirs) && !told;
      });
      const openIsSent = open.some(({ field }) => Object.hasOwn(sent, field));
      return lost.length === 0 && !openIsSent;
    }),
    { numRuns: 5_000 },
  );

  expect(counterexample).toBeNull();
});
