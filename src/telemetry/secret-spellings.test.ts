import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRedactor } from './redaction.ts';

const SECRET = "s3cret/+value with 'ü' & (more)!";
const secretsIn = createRedactor([SECRET]).secretsIn;
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('F-86: a secret that comes back', () => {
  const form = new URLSearchParams({ p: SECRET }).toString();
  const oauth = encodeURIComponent(SECRET).replaceAll(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16)}`); // prettier-ignore

  test.each([
    ['as it is', SECRET],
    ['escaped', JSON.stringify({ p: SECRET })],
    ['in a query', `?p=${encodeURIComponent(SECRET)}`],
    ['as OAuth 1.0a spells it', oauth],
    ['in a form', form],
    ['in lower-case hex', encodeURIComponent(SECRET).toLowerCase()],
    ['cut short', `It says: ${SECRET.slice(0, 11)}`],
    ['cut short within quotation marks', `"${SECRET.slice(0, 20)}" (400)`],
  ])('%s is masked', (_, text) => {
    const clean = secretsIn(text);

    expect(clean).toContain('[redacted]');
    expect(clean).not.toMatch(/s3cret|value|more/);
  });

  test('anywhere within a longer text in base64, of either alphabet, leaves nothing that can be read', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.boolean(), (before, after, url) => {
        const text = Buffer.from(`${before}${SECRET}${after}`).toString(url ? 'base64url' : 'base64'); // prettier-ignore

        const left = secretsIn(`Basic: ${text}`).split('[redacted]');

        expect(left.length).toBeGreaterThan(1);
        const read = left.map((each) => Buffer.from(each, 'base64').toString()).join();
        expect(read).not.toContain('ecret/');
      }),
    );
  });

  test('line by line is masked, where it is a key', () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const lines = privateKey.trim().split('\n').slice(1, -1);
    const own = createRedactor([privateKey]).secretsIn;

    const clean = [...lines.map((line) => own(`line ${line}`)), own(lines.join(''))].join();

    expect(lines.filter((line) => clean.includes(line.slice(0, 12)))).toEqual([]);
  });

  test('without the line break that its file ended with is masked', () => {
    expect(createRedactor(['a-token-of-ours\n']).secretsIn('got a-token-of-ours.')).toBe(
      'got [redacted].',
    );
  });
});

test('F-86: a token that was made for us is masked by its form, and people stay readable', () => {
  expect(secretsIn('for Bearer 00D5e0!AQ.xyz and eyJhbGciOiJSUzI1NiJ9.e30.c2ln')).toBe(
    'for Bearer [redacted] and [redacted]',
  );
  expect(secretsIn('user hub@example.com is inactive')).toBe('user hub@example.com is inactive');
});

test('a line costs the same with one secret and with thousands', () => {
  const many = createRedactor(Array.from({ length: 5_000 }, (_, at) => `secret-number-${at}-${base64(String(at))}`)); // prettier-ignore
  const line = 'The directory answered 500 for /Users. Try again later. '.repeat(20);
  const startedAt = performance.now();

  for (let at = 0; at < 100; at += 1) many.text(line);

  expect(performance.now() - startedAt).toBeLessThan(1_000);
});
