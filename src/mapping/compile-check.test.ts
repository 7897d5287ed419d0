import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { NOUNS, type NounName } from '../canonical/nouns.ts';
import type { Json } from '../kernel/hash.ts';
import { compileCheck } from './compile-check.ts';

/** Nouns that shipped mappings write: each must have straight-line checks, or mapping slows down. */
const MAPPED: readonly NounName[] = [
  'agreement', 'asset', 'employmentSpell', 'invoice', 'invoiceLine', 'opportunity', 'opportunityLine', 'opportunityStage',
  'order', 'orderLine', 'organization', 'organizationRelationship', 'seatAssignment', 'sku', 'skuAlias',
  'stageTransition', 'subsidiary', 'userAccount', 'userGroup',
]; // prettier-ignore

/** Values near the edges of what fields accept. */
const value = fc.oneof(
  fc.constantFrom<Json>(
    '', 'x', '25', '-2.5', '2.5000001', '1e3', '2026-02-28', '2026-02-29', '2028-02-29', '2026-13-01', 'EUR', 'eur', 'DE',
    'licensor', 'draft', 'owns', 'crm', '2026-03-02T09:30:00Z', '2026-03-02T09:30:00.123+01:00', '2026-03-02 09:30', 'x'.repeat(256),
    0, 1, -1, 1.5, 2 ** 53, true, false, null,
  ), // prettier-ignore
  fc.array(fc.constantFrom<Json>('a', 'b', 1), { maxLength: 3 }),
);

describe('straight-line checks', () => {
  test.each(MAPPED)('%s: answer as zod does, and fill in the same defaults', (noun) => {
    const schema: z.ZodObject = NOUNS[noun];
    const check = compileCheck(schema);
    const fields = fc.record(
      Object.fromEntries(Object.keys(schema.shape).map((name) => [name, value])),
      { requiredKeys: [] },
    );

    expect(check).not.toBeNull();
    fc.assert(
      fc.property(fields, (given) => {
        const parsed = schema.safeParse(given);
        const body = { ...given } as Record<string, Json>;

        const fits = check?.complete(body);

        expect(fits).toBe(parsed.success);
        expect(parsed.success ? body : null).toEqual(parsed.data ?? null);
      }),
      { numRuns: 300 },
    );
  });

  test.each(MAPPED)('%s: one valid body fits, each field spoilt in turn does not', (noun) => {
    const schema: z.ZodObject = NOUNS[noun];
    const check = compileCheck(schema);
    const shape: Readonly<Record<string, z.ZodType>> = schema.shape;
    const candidates: readonly Json[] = [
      'x',
      '25',
      'EUR',
      'DE',
      '2026-02-28',
      '2026-03-02T09:30:00Z',
      1,
      true,
      [],
      'licensor',
      'draft',
      'owns',
      'crm',
      'customer',
      'employee',
      'human',
      'subscription',
      'standard',
      'valid',
      'invoice',
    ];
    const valid = Object.fromEntries(
      Object.entries(shape).map(([name, field]) => [
        name,
        candidates.find((each) => field.safeParse(each).success) ?? null,
      ]),
    );

    expect(check?.complete({ ...valid })).toBe(true);
    for (const name of Object.keys(shape)) {
      expect(check?.complete({ ...valid, [name]: { odd: true } })).toBe(false);
    }
  });

  test('a schema with a rule across fields or an unknown kind of field is left to zod', () => {
    const ranged = z
      .strictObject({ from: z.string(), to: z.string() })
      .refine(({ from, to }) => from < to);

    expect(compileCheck(ranged)).toBeNull();
    expect(compileCheck(z.strictObject({ at: z.date() }))).toBeNull();
    expect(compileCheck(z.strictObject({ site: z.url() }))).toBeNull();
  });
});
