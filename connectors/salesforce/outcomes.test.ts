import { expect, test } from '@jest/globals';
import { RateLimited } from '../../src/sdk/kernel.ts';
import { retry } from './outcomes.ts';

const request = { externalId: 'x', intentId: 'i', vendorId: null, fields: {} };
const retryAt = new Date('2026-03-03T00:00:00Z');

test("F-17: the vendor's own wait is handed on, that of a budget of ours holds nobody else", () => {
  const asked = retry(request, new RateLimited('slow down', { retryAt }));
  const spent = retry(request, new RateLimited('spent', { retryAt, details: { sent: false } }));

  expect(asked).toMatchObject({ kind: 'retry', retryAt: '2026-03-03T00:00:00.000Z' });
  expect(spent).toEqual({ kind: 'retry', externalId: 'x', code: 'rate_limited', message: 'spent' });
});
