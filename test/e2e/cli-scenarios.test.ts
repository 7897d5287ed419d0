import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { makeCliHome, type CliHome } from '../support/cli.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../docs/scenarios/named-users.json');
const USAGE = 2;
const NOT_FOUND = 4;
const INVALID = 6;

let home: CliHome;
beforeAll(async () => {
  home = await makeCliHome();
});
afterAll(() => home.stop());

/** The worked example with other parts, as a file. */
async function changed(change: (document: Record<string, unknown>) => unknown): Promise<string> {
  const file = join(home.desk, `scenario-${Math.random()}.json`);
  const text: unknown = change(JSON.parse(await readFile(EXAMPLE, 'utf8')));
  await writeFile(file, typeof text === 'string' ? text : JSON.stringify(text));
  return file;
}

describe('recon evaluate', () => {
  test('prints positions, exclusions, money and hashes, the same each time, and starts no server', async () => {
    const once = await home.run(['recon', 'evaluate', EXAMPLE, '--json']);
    const again = await home.run(['recon', 'evaluate', EXAMPLE, '--json']);

    expect(JSON.parse(once.out)).toMatchObject({
      asOf: '2026-03-02',
      positions: [{ skuCode: 'CRM-PRO', rightsOwned: '10', rightsRequired: '12', shortfall: '2' }],
      exclusions: [{ skuCode: 'CRM-PRO', reason: 'non_human' }],
      money: [{ currency: 'EUR', trueUpCost: '240.00', overLicensedAmount: '0.00' }],
      hashes: {
        input: expect.stringMatching(/^[0-9a-f]{64}$/),
        result: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect([once.code, again.out]).toEqual([0, once.out]);
    expect(await readdir(home.folder)).toEqual([]);
  });

  test('a case of the document is evaluated by its name', async () => {
    const { out } = await home.run([
      'recon',
      'evaluate',
      EXAMPLE,
      '--case',
      'in the grace period',
      '--json',
    ]);

    expect(JSON.parse(out)).toMatchObject({
      asOf: '2026-04-15',
      positions: [{ rightsOwned: '0', graceCovered: '10', shortfall: '2' }],
    });
  });

  test.each([
    [
      'a field that no noun has',
      (document: Record<string, unknown>) => ({
        ...document,
        facts: { sku: [{ externalRef: 'a', skuCode: 'A', name: 'A', colour: 'red' }] },
      }),
      INVALID,
      /\/facts\/sku\/0 .*colour/,
    ],
    [
      'a day that is none',
      (document: Record<string, unknown>) => ({ ...document, asOf: '2026-02-30' }),
      INVALID,
      /\/asOf is not a date/,
    ],
    ['what is not JSON', () => '{', INVALID, /not JSON/],
    [
      'a parameter that the metric does not know',
      ({ facts, ...document }: Record<string, unknown>) => ({
        ...document,
        facts: {
          ...Object(facts),
          metricRuleVersion: [
            {
              externalRef: 'r',
              metricCode: 'user_subscription',
              version: 1,
              handlerKey: 'user_subscription',
              status: 'active',
              attributes: { humans: 1 },
            },
          ],
        },
      }),
      INVALID,
      /user_subscription.*humans/,
    ],
  ] as const)('%s is refused, and the place is named', async (_, change, code, words) => {
    const refused = await home.run(['recon', 'evaluate', await changed(change)]);

    expect([refused.code, refused.err]).toEqual([code, expect.stringMatching(words)]);
  });

  test('an unknown case and a file that is not there are told', async () => {
    const unknown = await home.run(['recon', 'evaluate', EXAMPLE, '--case', 'tomorrow']);
    const missing = await home.run(['recon', 'evaluate', join(home.desk, 'nowhere.json')]);

    expect([unknown.code, unknown.err]).toEqual([
      NOT_FOUND,
      expect.stringContaining('in the grace period'),
    ]);
    expect(missing.code).toBe(USAGE);
  });

  test('facts that contradict nothing but lack a metric give no confident number', async () => {
    const file = await changed(({ facts, ...document }) => ({
      ...document,
      facts: {
        ...Object(facts),
        sku: [{ externalRef: 'CRM-PRO', skuCode: 'CRM-PRO', name: 'CRM' }],
      },
    }));
    const { out } = await home.run(['recon', 'evaluate', file, '--json']);

    expect(JSON.parse(out)).toMatchObject({
      positions: [{ status: 'indeterminate', shortfall: null, trueUpCost: null }],
    });
    expect(out).toContain('"missing_metric"');
  });
});

test('schema scenario prints a JSON Schema that names every noun', async () => {
  const { out } = await home.run(['schema', 'scenario']);
  const schema = z
    .object({
      $schema: z.string(),
      required: z.array(z.string()),
      properties: z.object({ facts: z.unknown() }),
    })
    .parse(JSON.parse(out));

  expect(schema.required).toEqual(['schemaVersion', 'asOf', 'facts']);
  expect(out).toContain('"checkoutInterval"');
});
