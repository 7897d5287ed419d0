import { expect, test } from '@jest/globals';
import type { MetricSubject } from '../../sdk/define-metric.ts';
import metric from './user-subscription.ts';

const subject = (subjectId: string, change: Partial<MetricSubject> = {}): MetricSubject => ({
  subjectId,
  kind: 'human',
  active: true,
  assigned: true,
  quantity: '1',
  evidence: [`fct_${subjectId}`],
  ...change,
});

test('G-01: each person counts once however many records they have, a service is excluded as non_human', () => {
  const met = metric.meter(
    [subject('ann', { quantity: '3' }), subject('bob'), subject('svc-etl', { kind: 'service' })],
    {},
  );

  expect(met.required).toBe('2');
  expect(met.counted.map((each) => [each.subjectId, each.licensableQuantity])).toEqual([
    ['ann', '1'],
    ['bob', '1'],
  ]);
  expect(met.excluded).toEqual([{ subjectId: 'svc-etl', reason: 'non_human' }]);
});

test('an inactive subscription and mere use without one need no right', () => {
  const met = metric.meter(
    [subject('ann', { active: false }), subject('bob', { assigned: false, active: false })],
    {},
  );

  expect(met.required).toBe('0');
  expect(met.excluded).toEqual([
    { subjectId: 'ann', reason: 'inactive' },
    { subjectId: 'bob', reason: 'not_assigned' },
  ]);
});

test('a rule version may count services and shared logins too', () => {
  const met = metric.meter(
    [subject('svc', { kind: 'service' }), subject('desk', { kind: 'shared' })],
    { humansOnly: false },
  );

  expect(met.required).toBe('2');
});

test('who is unknown counts: a doubt never lowers the requirement', () => {
  expect(metric.meter([subject('someone', { kind: 'unknown' })], {}).required).toBe('1');
});
