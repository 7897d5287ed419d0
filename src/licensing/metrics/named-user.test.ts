import { expect, test } from '@jest/globals';
import type { MetricSubject } from '../../sdk/define-metric.ts';
import metric from './named-user.ts';

const person = (subjectId: string, change: Partial<MetricSubject> = {}): MetricSubject => ({
  subjectId,
  kind: 'human',
  active: true,
  assigned: true,
  quantity: '1',
  evidence: [],
  ...change,
});

test('G-02: eighteen authorised users need eighteen rights, whether or not they log in', () => {
  const users = Array.from({ length: 18 }, (_, at) => person(`u${at}`, { active: at < 7 }));

  expect(metric.meter(users, {}).required).toBe('18');
});

test('use without authorisation needs no named-user right, and services are non_human', () => {
  const met = metric.meter(
    [person('ghost', { assigned: false }), person('svc', { kind: 'service' })],
    {},
  );

  expect(met.excluded.map((each) => each.reason)).toEqual(['not_assigned', 'non_human']);
});

test('nobody needs nothing', () => {
  expect(metric.meter([], {})).toMatchObject({ required: '0', counted: [], excluded: [] });
});
