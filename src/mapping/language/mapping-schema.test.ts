import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { mappingSchema } from './mapping-schema.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SHAPE_FAULTS = /^# refused: (unknown_key|missing_key|bad_value) (\S+)/m;

/** Read back from the published text alone, as another program would. */
const published = z.fromJSONSchema(
  JSON.parse(JSON.stringify(mappingSchema())) as Parameters<typeof z.fromJSONSchema>[0],
);

function filesBelow(folder: string): readonly (readonly [string, string])[] {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map(String)
    .filter((name) => /\.(yaml|json)$/.test(name) && !name.includes('samples'))
    .map((name) => [name, readFileSync(join(ROOT, folder, name), 'utf8')] as const);
}

/** What only our own check sees: values that fit a field or not, files beside the mapping, and tests that need a look. */
const BEYOND_A_SCHEMA = new Set([
  'value-of-wrong-kind.yaml',
  'default-of-wrong-kind.yaml',
  'keep-without-lookup.yaml',
  'value-with-steps.yaml',
  'list-in-a-fact.yaml',
  'ask-of-a-fact.yaml',
  'latest-of-a-line.yaml',
  'rule-against-itself.yaml',
]);

describe('the published schema of a mapping file', () => {
  test('has an address, a draft and a word for every sync rule', () => {
    const text = JSON.stringify(mappingSchema());

    expect(mappingSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: '/schemas/mapping/v1.json',
    });
    for (const rule of ['target-wins', 'latest-wins', 'ask', 'dont-sync'])
      expect(text).toContain(rule);
  });

  test.each(filesBelow('mappings'))('is met by the shipped %s', (_name, text) => {
    expect(published.safeParse(parse(text)).success).toBe(true);
  });

  test.each(filesBelow('test/golden/mappings/good'))('is met by the good %s', (_name, text) => {
    expect(published.safeParse(parse(text)).success).toBe(true);
  });

  test('is not met by any broken file whose shape is at fault', () => {
    const faults = filesBelow('test/golden/mappings/broken').filter(
      ([name, text]) => SHAPE_FAULTS.test(text) && !BEYOND_A_SCHEMA.has(name),
    );

    const missed = faults.filter(([, text]) => published.safeParse(parse(text)).success);

    expect(faults.length).toBeGreaterThan(15);
    expect(missed.map(([name]) => name)).toEqual([]);
  });
});
