import { expect, test } from '@jest/globals';
import { UsageDefinition } from './definition.ts';

const CALLS = {
  eventType: 'api.called',
  filter: [{ path: 'data.region', is: 'equal', value: 'eu1' }],
  aggregate: { of: 'sum', path: 'data.calls' },
  metric: 'api_calls',
  unit: 'call',
};

test('a usage definition counts by the source of events, as metered use, unless it says otherwise', () => {
  expect(UsageDefinition.parse(CALLS)).toEqual({
    ...CALLS,
    kind: 'metered',
    subject: null,
    instance: 'source',
  });
});

test.each([
  [{ filter: [{ path: "data.x'; drop table fact; --", is: 'present' }] }],
  [{ filter: [{ path: 'data.x', is: 'like', value: '%' }] }],
  [{ instance: 'e.source' }],
  [{ instance: 'data' }],
  [{ aggregate: { of: 'sum', path: 'source' } }],
  [{ aggregate: { of: 'average', path: 'data.x' } }],
  [{ metric: 'API calls' }],
  [{ from: '2026-02-30' }],
  [{ colour: 'red' }],
])('a usage definition is refused that has %j', (change) => {
  expect(UsageDefinition.safeParse({ ...CALLS, ...change }).success).toBe(false);
});
