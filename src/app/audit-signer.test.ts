import { expect, test } from '@jest/globals';
import { headProblem } from '../audit/head.ts';
import { kekFromBytes } from '../security/kek.ts';
import { auditSigner } from './audit-signer.ts';

const kek = kekFromBytes(Buffer.alloc(32, 5));

test('every process with the same key-encryption key signs with the same key, one with another does not', async () => {
  const here = await auditSigner(kek);
  const there = await auditSigner(kekFromBytes(Buffer.alloc(32, 5)));
  const stranger = await auditSigner(kekFromBytes(Buffer.alloc(32, 6)));
  const head = here.sign({
    tenant: 'acme',
    seq: 1,
    hash: '0a'.repeat(32),
    at: '2026-03-02T10:00:00.000Z',
  });

  expect(headProblem(head, { tenant: 'acme', publicKey: there.publicKey })).toBeNull();
  expect(headProblem(head, { tenant: 'acme', publicKey: stranger.publicKey })).toContain(
    'another key',
  );
});

test('a key that is derived for another purpose is another key', async () => {
  expect(await kek.derive('a')).not.toEqual(await kek.derive('b'));
  expect(await kek.derive('a')).toHaveLength(32);
});
