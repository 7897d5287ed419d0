import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRedactor } from './redaction.ts';

const CANARY = 'canary-9f3a"€/+=';

describe('redaction', () => {
  test('F-86: a registered secret is masked however it is spelled', () => {
    const { text, value } = createRedactor([CANARY]);

    expect(text(`login with ${CANARY} failed`)).toBe('login with [redacted] failed');
    expect(text(JSON.stringify({ body: CANARY }))).not.toContain('9f3a');
    expect(text(`?key=${encodeURIComponent(CANARY)}`)).not.toContain('9f3a');
    expect(JSON.stringify(value({ a: [{ b: `x${CANARY}` }] }))).not.toContain('9f3a');
  });

  test('F-86: a secret that is registered later is masked from then on', () => {
    const redactor = createRedactor();
    redactor.register('later-secret');

    expect(redactor.text('later-secret')).toBe('[redacted]');
  });

  test.each([
    'secret',
    'clientSecret',
    'consumer_secret',
    'accessToken',
    'refresh-token',
    'password',
    'privateKey',
    'private_key',
    'Authorization',
    'client_assertion',
    'apiKey',
    'Set-Cookie',
    'displayName',
    'email',
    'userName',
  ])('the member %s is masked by its name', (name) => {
    const { value } = createRedactor();

    expect(value({ outer: { [name]: 'whatever' } })).toEqual({ outer: { [name]: '[redacted]' } });
  });

  test('ids, keys of work and counts stay readable', () => {
    const fields = { run: 'run_01', key: 'crm/Contract', job: 'deliver', count: 3, ok: true };

    expect(createRedactor().value(fields)).toEqual(fields);
  });

  test.each([
    ['an address of a person', 'mail to ada.lovelace+x@example.co.uk bounced', 'lovelace'],
    ['a login in a URL', 'cannot reach postgres://trueup:hunter2@db:5432/x', 'hunter2'],
    ['a bearer header', 'header Bearer 00D5e000!AQ.abcdefgh', 'abcdefgh'],
    ['a JSON web token', 'got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl', 'c2lnbmF0dXJl'],
    ['a PEM key', '-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY----- x', 'MIIEvQ'],
    ['half of a PEM key', '-----BEGIN EC PRIVATE KEY-----\nMIIEvQ', 'MIIEvQ'],
  ])('%s is masked by its form', (_, text, secret) => {
    const clean = createRedactor().text(text);

    expect(clean).toContain('[redacted]');
    expect(clean).not.toContain(secret);
  });

  test('of an error only name, message, code and cause are kept', () => {
    const error = Object.assign(new Error('refused', { cause: new Error('inner') }), {
      code: 'ECONNREFUSED',
      config: { headers: { Authorization: 'Bearer abcdefgh' } },
    });

    expect(createRedactor().value({ error })).toEqual({
      error: {
        name: 'Error',
        message: 'refused',
        code: 'ECONNREFUSED',
        cause: { name: 'Error', message: 'inner' },
      },
    });
  });

  test('a value that refers to itself comes to an end', () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;

    expect(JSON.stringify(createRedactor().value(loop))).toContain('…');
  });

  test('a text of a megabyte is cut before it costs time', () => {
    const startedAt = performance.now();

    const clean = createRedactor().text('a'.repeat(1_000_000));

    expect(clean.length).toBeLessThan(10_000);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  test('no place in a structure lets a registered secret through', () => {
    const secret = 'k9-canary-secret';
    const { value } = createRedactor([secret]);
    const around = fc.tuple(fc.string(), fc.string()).map(([a, b]) => `${a}${secret}${b}`);
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        around,
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 3 }),
      ),
    })).node;

    fc.assert(
      fc.property(tree, (node) => {
        expect(JSON.stringify(value(node))).not.toContain(secret);
      }),
    );
  });
});
