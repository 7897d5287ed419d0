import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { isNounName, NOUNS, type NounName } from './nouns.ts';

const FOLDER = new URL('./', import.meta.url);
const examples: Readonly<Record<string, Record<string, unknown>>> = JSON.parse(
  await readFile(new URL('fixtures/examples.json', FOLDER), 'utf8'),
);
const names = Object.keys(NOUNS).filter(isNounName);
const fileOf = (name: string) =>
  `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;

function exampleOf(name: NounName): Record<string, unknown> {
  const example = examples[name];
  if (example === undefined) throw new Error(`fixtures/examples.json has no ${name}`);
  return example;
}

describe('the catalogue of nouns', () => {
  test('every file of the folder is a noun and every noun has its file, named alike', async () => {
    const helpers = new Set(['fields.ts', 'nouns.ts']);
    const files = (await readdir(FOLDER)).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !helpers.has(name),
    );

    expect(files.toSorted()).toEqual(names.map(fileOf).toSorted());
  });

  test('there is one example for each noun and none besides', () => {
    expect(Object.keys(examples).toSorted()).toEqual(names.toSorted());
  });

  test('names are singular camelCase words of the glossary, never its forbidden ones', () => {
    for (const name of names) {
      expect(name).toMatch(/^[a-z]+([A-Z][a-z]+)*$/);
      expect(name).not.toMatch(/licen[cs]eRecord|wallet|zombie|update$/);
    }
  });

  test('a name that JavaScript objects carry anyway is no noun', () => {
    expect(isNounName('constructor')).toBe(false);
    expect(isNounName('order')).toBe(true);
  });
});

describe.each(names)('%s', (name) => {
  test('accepts its example', () => {
    const read = NOUNS[name].safeParse(exampleOf(name));

    expect(read.error?.issues ?? []).toEqual([]);
  });

  test('refuses a key that it does not know', () => {
    const read = NOUNS[name].safeParse({ ...exampleOf(name), surprise: 1 });

    expect(read.success).toBe(false);
  });

  test('is identified by its source (externalRef), or by us (id) when we compute it', () => {
    const keys = ['externalRef', 'id'].filter((key) => key in NOUNS[name].shape);

    expect(keys).toHaveLength(1);
  });

  test('refuses an example without its identity', () => {
    const { externalRef: _ref, id: _id, ...rest } = exampleOf(name);

    expect(NOUNS[name].safeParse(rest).success).toBe(false);
  });
});

test.each([
  ['a figure of a float', 'orderLine', { quantity: 2.5 }],
  ['a quantity of seven places', 'orderLine', { quantity: '1.0000001' }],
  ['an impossible day', 'opportunity', { closeDate: '2026-02-29' }],
  ['a lower-case currency', 'order', { currency: 'usd' }],
  ['a ratio by zero', 'useRight', { ratio: '1/0' }],
  ['an exception without an end', 'exception', { validTo: undefined }],
] as const)('%s is refused', (_what, name, change) => {
  expect(NOUNS[name].safeParse({ ...exampleOf(name), ...change }).success).toBe(false);
});
