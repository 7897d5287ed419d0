import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeEvents } from './screen-events.ts';
import { isPlainEvent } from './plain-event.ts';

const FIRST_DAY = '2026-01-01';
const good = {
  specversion: '1.0',
  id: 'e1',
  source: '/instances/prod-1',
  type: 'com.acme.api.called',
  time: '2026-03-02T08:15:00Z',
  subject: 'user-1',
  datacontenttype: 'application/json',
  data: { calls: 3, region: 'eu1' },
};

const isKept = (time: string): boolean => time.slice(0, 10) >= '2026-01-02';
/** What the everyday check says of an event, and what the whole judgement says of it. */
const verdicts = (event: unknown) => ({
  plain: isPlainEvent(event, isKept),
  // An extension that is null counts as absent and sends the event through the whole judgement.
  taken: judgeEvents([withNull(event)], FIRST_DAY).taken.length === 1,
});
const withNull = (event: unknown): unknown =>
  typeof event === 'object' && event !== null && !Array.isArray(event)
    ? Object.fromEntries([...Object.entries(event), ['extension', null]])
    : event;

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('', ' ', 'a b', '<', '\\', '`', '{', '\0', '\u007f', '\ud800', 'x'.repeat(256)),
  fc.constantFrom('1.0', 'application/json', 'application/cloudevents+json', 'text/plain'),
  fc.constantFrom('2026-02-30T00:00:00Z', '2025-12-31T23:59:59Z', '2026-03-02T08:15:00+02:00'),
);
const names = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'calls', 'a\0', '\udc00'),
  fc.string({ maxLength: 5 }),
);
const data = fc.letrec<{ readonly value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.constantFrom(null, true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(names, tie('value')), { maxLength: 3 }).map((each) => Object.fromEntries(each)),
  ),
})).value; // prettier-ignore
const value = fc.oneof(text, data, fc.integer(), fc.constantFrom(null, true));
const attribute = fc.constantFrom(
  ...Object.keys(good),
  'dataschema',
  'data_base64',
  'other',
  'Bad',
);

test('an everyday event is taken, and a source and id that come twice count as a duplicate', () => {
  const batch = [good, { ...good, id: 'e2' }, good, { ...good, source: '/other' }, { ...good, traceid: 'x' }]; // prettier-ignore

  expect(verdicts(good)).toEqual({ plain: true, taken: true });
  expect(judgeEvents(batch, FIRST_DAY)).toEqual({ taken: [0, 1, 3], duplicates: 2, rejected: [] });
});

test('whatever the everyday check takes, the whole judgement takes too', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(attribute, value), { maxLength: 3 }), (changes) => {
      const { plain, taken } = verdicts(Object.fromEntries([...Object.entries(good), ...changes]));
      expect(plain && !taken).toBe(false);
    }),
    { numRuns: 3000 },
  );
});

test('an everyday event that lacks what every event has is told so', () => {
  for (const name of ['specversion', 'id', 'source', 'type']) {
    const { [name]: _left, ...event } = good as Readonly<Record<string, unknown>>;

    expect(judgeEvents([event], FIRST_DAY).rejected).toMatchObject([{ code: 'bad_attribute' }]);
  }
});
