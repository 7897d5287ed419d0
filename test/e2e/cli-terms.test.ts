import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { makeCliHome, type CliHome } from '../support/cli.ts';
import { goldenTerms } from '../golden/terms.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../docs/scenarios/terms');
const INVALID = 6;
const QUESTIONS = ['coterm', 'prorate', 'renew', 'uplift', 'split', 'price', 'trueup', 'kpis'];

let home: CliHome;
beforeAll(async () => {
  home = await makeCliHome();
});
afterAll(() => home.stop());

async function file(document: unknown): Promise<string> {
  const path = join(home.desk, `terms-${Math.random()}.json`);
  await writeFile(path, typeof document === 'string' ? document : JSON.stringify(document));
  return path;
}

describe('terms', () => {
  test.each(QUESTIONS)(
    '%s evaluates its golden document and starts no server',
    async (question) => {
      const golden = (await goldenTerms()).flatMap(({ cases }) => cases);
      const one = golden.find(({ document }) => document['what'] === question);

      const { code, out } = await home.run([
        'terms',
        question,
        await file(one?.document),
        '--json',
      ]);

      const answer = z.object({ what: z.string() }).parse(JSON.parse(out));
      expect([code, answer.what]).toEqual([0, question]);
      expect(await readdir(home.folder)).toEqual([]);
    },
  );

  test('without --json the arithmetic is told in words', async () => {
    const { code, out } = await home.run(['terms', 'trueup', join(EXAMPLES, 'true-up.json')]);

    expect(code).toBe(0);
    expect(out).toContain('31 × 84 (contract) × 5/12 for 5 whole months');
  });

  test('what does not fit ends with 6, and each problem has its place, its rule and what to do', async () => {
    const path = await file({ what: 'prorate', currency: 'XXQ', lines: [{ quantity: '0', from: '2026-02-01', to: '2026-01-01' }] }); // prettier-ignore

    const [json, text] = [await home.run(['terms', 'prorate', path, '--json']), await home.run(['terms', 'prorate', path])]; // prettier-ignore

    expect([json.code, text.code, text.out]).toEqual([INVALID, INVALID, '']);
    expect(JSON.parse(json.out)).toEqual({
      problems: [
        { pointer: '/currency', code: 'unknown_currency', message: expect.stringContaining('XXQ') },
        { pointer: '/lines/0', code: 'end_before_start', message: expect.stringContaining('2026-02-01') }, // prettier-ignore
        { pointer: '/lines/0/quantity', code: 'quantity_not_positive', message: expect.any(String) }, // prettier-ignore
        { pointer: '/lines/0/unitPrice', code: 'price_missing', message: expect.stringContaining('ask') }, // prettier-ignore
      ],
    });
    expect(text.err).toContain('/lines/0/unitPrice: no price is stated');
  });

  test('another question and what is not JSON are told', async () => {
    const ramp = join(EXAMPLES, 'renew-a-ramp.json');

    const other = await home.run(['terms', 'coterm', ramp]);
    const broken = await home.run(['terms', 'coterm', await file('{')]);

    expect([other.code, other.err]).toEqual([INVALID, expect.stringContaining('trueup terms renew')]); // prettier-ignore
    expect([broken.code, broken.err]).toEqual([INVALID, expect.stringContaining('not JSON')]);
  });
});

test('schema terms prints one JSON Schema in which "what" tells the documents apart', async () => {
  const { out } = await home.run(['schema', 'terms']);
  const Told = z.object({ const: z.string() });
  const { oneOf, $defs } = z
    .object({
      $schema: z.string(),
      oneOf: z.array(z.object({ properties: z.object({ what: z.union([Told, z.object({ $ref: z.string() })]) }) })),
      $defs: z.record(z.string(), z.unknown()),
    })
    .parse(JSON.parse(out)); // prettier-ignore
  const told = oneOf.map(({ properties: { what } }) =>
    '$ref' in what ? Told.parse($defs[what.$ref.replace('#/$defs/', '')]).const : what.const,
  );

  expect(told).toEqual(QUESTIONS);
});
