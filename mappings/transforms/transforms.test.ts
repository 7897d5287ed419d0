import { beforeAll, describe, expect, test } from '@jest/globals';
import type { TransformDefinition } from '../../src/sdk/define-transform.ts';
import { ValidationError, type Json } from '../../src/sdk/kernel.ts';
import { shippedSteps } from '../../test/support/shipped-steps.ts';

let steps: ReadonlyMap<string, TransformDefinition>;

beforeAll(async () => {
  steps = await shippedSteps();
});

function apply(name: string, value: Json, argument: Json = null): Json {
  const step = steps.get(name);
  if (step === undefined) throw new Error(`There is no step ${name}.`);
  return step.apply(value, argument);
}

/** Steps with an argument that each can work with. */
const ARGUMENTS: Readonly<Record<string, Json>> = {
  'add-days': 1,
  'add-months': 1,
  amount: 'EUR',
  'date-format': 'M/D/YYYY',
  pick: {},
  prefix: 'x',
  round: 2,
  split: ',',
  suffix: 'x',
};

describe('steps', () => {
  test.each<[string, Json, Json, Json]>([
    ['trim', ' a ', null, 'a'],
    ['lower', 'Ab', null, 'ab'],
    ['upper', 'Ab', null, 'AB'],
    ['text', 1042, null, '1042'],
    ['decimal', '25.00', null, '25'],
    ['integer', '7.0', null, 7],
    ['number', '0.10', null, 0.1],
    ['boolean', 'T', null, true],
    ['date', '2026-03-31T22:00:00.000+0000', null, '2026-03-31'],
    ['date-format', '3/4/2026', 'M/D/YYYY', '2026-03-04'],
    ['instant', '2026-02-01 10:11:12', null, '2026-02-01T10:11:12.000Z'],
    ['next-day', '2026-12-31', null, '2027-01-01'],
    ['previous-day', '2028-03-01', null, '2028-02-29'],
    ['add-days', '2026-02-27', 2, '2026-03-01'],
    ['add-months', '2026-01-31', 1, '2026-02-28'],
    ['default', '', 'x', 'x'],
    ['default', false, true, false],
    ['prefix', '7', 'C-', 'C-7'],
    ['suffix', '7', '-X', '7-X'],
    ['round', '2.345', 2, '2.35'],
    ['amount', 12000.5, 'EUR', '12000.50'],
    ['amount', '36000.00', 'JPY', '36000'],
    ['amount', 1200.5, null, '1200.5'],
    ['pick', 'A', { A: 'draft' }, 'draft'],
    ['pick', 'constructor', { A: 'draft' }, null],
    ['split', 'a, b,,c', ',', ['a', 'b', 'c']],
  ])('%s turns %j with %j into %j', (name, value, argument, expected) => {
    expect(apply(name, value, argument)).toEqual(expected);
  });

  test('no value stays no value', () => {
    for (const step of steps.values()) {
      if (step.name === 'default') continue;
      expect(step.apply(null, ARGUMENTS[step.name] ?? null)).toBeNull();
    }
  });

  test('each is named after its file, described, and throws on what it cannot read', () => {
    for (const step of steps.values()) {
      expect(step.description).not.toBe('');
      if (step.name === 'default') continue;
      expect(() => step.apply([{ odd: true }], ARGUMENTS[step.name] ?? null)).toThrow(
        ValidationError,
      );
    }
  });
});
