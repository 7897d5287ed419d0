import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chainHash, GENESIS, type ChainRow, type SealedEntry } from './chain.ts';
import { signerFromSeed, type AuditHead } from './head.ts';
import { verifyChain } from './verify.ts';

const signer = signerFromSeed(Buffer.alloc(32, 7));
const other = signerFromSeed(Buffer.alloc(32, 8));

const entryOf = (n: number): SealedEntry => ({
  tenant: 'acme',
  id: `aud_${n}`,
  at: '2026-03-02T10:00:00',
  actor: 'person:ada',
  action: 'plan.approved',
  subjectType: 'plan',
  subjectId: `pln_${n}`,
  details: { n },
});

/** Seals the events in their order, as the sealer does. */
function chainOf(entries: readonly SealedEntry[]): ChainRow[] {
  let hash = GENESIS;
  return entries.map((entry, at) => {
    hash = chainHash(hash, entry);
    return { seq: at + 1, eventId: entry.id, hash, entry };
  });
}

const numbers = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, at) => at + 1);
const renumbered = (rows: readonly ChainRow[]): ChainRow[] =>
  rows.map((row, at) => ({ ...row, seq: at + 1 }));
const headAt = (rows: readonly ChainRow[], seq: number): AuditHead =>
  signer.sign({
    tenant: 'acme',
    seq,
    hash: rows[seq - 1]?.hash ?? GENESIS,
    at: '2026-03-02T10:01:00.000Z',
  });

const sound = chainOf(numbers(8).map(entryOf));
const head = headAt(sound, 8);
const check = (rows: readonly ChainRow[], heads: readonly AuditHead[] = [head]) =>
  verifyChain(rows, { tenant: 'acme', publicKey: signer.publicKey, heads });
const changed = (row: ChainRow): ChainRow => ({
  ...row,
  entry: row.entry === null ? null : { ...row.entry, actor: 'person:eve' },
});

describe('a chain', () => {
  test('that nobody touched has no bad row, and neither has an empty one', async () => {
    expect(await check(sound)).toBeNull();
    expect(await check([], [])).toBeNull();
  });

  test('names the row whose event was altered, and the one whose seal was (F-82)', async () => {
    const event = sound.map((row) => (row.seq === 3 ? changed(row) : row));
    const seal = sound.map((row) => (row.seq === 3 ? { ...row, hash: 'ab'.repeat(32) } : row));

    expect(await check(event)).toMatchObject({ seq: 3, eventId: 'aud_3', reason: 'altered' });
    expect(await check(seal)).toMatchObject({ seq: 3, eventId: 'aud_3', reason: 'altered' });
  });

  test('names a removed row, be it the event, the seal, or both with the rest moved up (F-82)', async () => {
    const eventGone = sound.map((row) => (row.seq === 4 ? { ...row, entry: null } : row));
    const without = sound.filter((row) => row.seq !== 4);

    expect(await check(eventGone)).toMatchObject({ seq: 4, eventId: 'aud_4', reason: 'removed' });
    expect(await check(without)).toMatchObject({ seq: 4, eventId: null, reason: 'removed' });
    expect(await check(renumbered(without))).toMatchObject({ seq: 4, reason: 'removed' });
  });

  test('names the first of rows that changed places, with or without their hashes (F-82)', async () => {
    const [a, b, ...rest] = sound.slice(2);
    if (a === undefined || b === undefined) throw new Error('the chain is too short');
    const rows = renumbered([...sound.slice(0, 2), b, a, ...rest]);
    const events = sound.map((row) =>
      row.seq === 3
        ? { ...b, seq: 3, hash: row.hash }
        : row.seq === 4
          ? { ...a, seq: 4, hash: row.hash }
          : row,
    );

    expect(await check(rows)).toMatchObject({ seq: 3, eventId: 'aud_4', reason: 'reordered' });
    expect(await check(events)).toMatchObject({ seq: 3, eventId: 'aud_4', reason: 'reordered' });
  });

  test('names the last two rows when they changed places', async () => {
    const [a, b] = sound.slice(6);
    if (a === undefined || b === undefined) throw new Error('the chain is too short');

    const fault = await check(renumbered([...sound.slice(0, 6), b, a]));

    expect(fault).toMatchObject({ seq: 7, reason: 'reordered' });
  });

  test('names an inserted row, whether its hash was computed or made up (F-82)', async () => {
    const entry = { ...entryOf(99), id: 'aud_forged' };
    const insert = (hash: string) =>
      renumbered([
        ...sound.slice(0, 4),
        { seq: 0, eventId: 'aud_forged', hash, entry },
        ...sound.slice(4),
      ]);

    const computed = await check(insert(chainHash(sound[3]?.hash ?? '', entry)));
    const madeUp = await check(insert('cd'.repeat(32)));

    expect(computed).toMatchObject({ seq: 5, eventId: 'aud_forged', reason: 'inserted' });
    expect(madeUp).toMatchObject({ seq: 5, eventId: 'aud_forged', reason: 'inserted' });
  });

  test('that was cut at its tail is seen against a head, and at no head by nobody (F-82)', async () => {
    const cut = sound.slice(0, 6);

    expect(await check(cut)).toMatchObject({ seq: 7, eventId: null, reason: 'tail_cut' });
    expect(await check([])).toMatchObject({ seq: 1, reason: 'tail_cut' });
    expect(await check(cut, [headAt(sound, 6)])).toBeNull();
  });

  test('that was written anew after a change, hashes and all, is seen at the next signed head (F-82)', async () => {
    const forged = chainOf(
      sound.map((row) => (row.seq === 5 ? changed(row).entry : row.entry) ?? entryOf(0)),
    );

    const fault = await check(forged, [headAt(sound, 3), headAt(sound, 6), head]);

    expect(fault).toMatchObject({ seq: 6, eventId: 'aud_6', reason: 'forged' });
    expect(fault?.message).toContain('after 3');
  });

  test('with rows beyond every signed head was not written by the sealer', async () => {
    expect(await check(sound, [headAt(sound, 6)])).toMatchObject({ seq: 7, reason: 'inserted' });
  });

  test('believes no head of another key, another company, or another hash than was signed (F-82)', async () => {
    const { tenant, seq, hash, at } = head;
    const foreign = other.sign({ tenant, seq, hash, at });
    const globex = signer.sign({ tenant: 'globex', seq, hash, at });
    const relabelled = { ...head, hash: 'ef'.repeat(32) };
    const posing = { ...foreign, publicKey: signer.publicKey };

    for (const bad of [foreign, globex, relabelled, posing]) {
      expect(await check(sound, [bad])).toMatchObject({ seq: 8, reason: 'bad_head' });
    }
    expect(await check(sound.slice(0, 7), [headAt(sound, 7), foreign])).toMatchObject({
      reason: 'bad_head',
    });
  });

  test('shows any change of any one row, at that row (property)', async () => {
    const field = fc.constantFrom(
      'id',
      'at',
      'actor',
      'action',
      'subjectType',
      'subjectId',
      'tenant',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        field,
        fc.string(),
        async (seq, name, text) => {
          const row = sound[seq - 1];
          fc.pre(row?.entry !== null && row?.entry?.[name as 'id'] !== text);
          const rows = sound.map((each) =>
            each.seq === seq && each.entry !== null
              ? { ...each, entry: { ...each.entry, [name]: text } }
              : each,
          );

          expect(await check(rows)).toMatchObject({ seq, reason: 'altered' });
        },
      ),
      { numRuns: 100 },
    );
  });
});
