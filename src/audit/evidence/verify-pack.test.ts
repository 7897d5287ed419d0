import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chainHash, GENESIS, type ChainRow } from '../chain.ts';
import { keysFromSeed, signerFromSeed } from '../head.ts';
import { buildPack } from './build-pack.ts';
import { packFiles } from './pack-files.ts';
import { AUDIT_FILE, type PackManifest } from './pack-shape.ts';
import { filesOf, zipOf } from './pack-zip.ts';
import { verifyPack } from './verify-pack.ts';

const seed = Buffer.alloc(32, 7);
const signer = signerFromSeed(Buffer.alloc(32, 9));
const ISSUER = keysFromSeed(seed).publicKey;
const DAY = '2026-03-02T10:00:00.000Z';

const ABOUT: Omit<PackManifest, 'format' | 'files'> = {
  tenant: 'acme', runId: 'rec_1', cycleId: null, asOf: '2026-03-02', knownAt: DAY, inputHash: 'b'.repeat(64), resultHash: 'a'.repeat(64), statementHash: null,
  ruleVersions: { 'metric.named_user': 1 }, ruleSets: {}, factorTables: {}, redaction: 'none', publisher: null, country: null, auditPublicKey: signer.publicKey,
}; // prettier-ignore

function chainOf(length: number): ChainRow[] {
  let hash = GENESIS;
  return Array.from({ length }, (_, at) => {
    const entry = { tenant: 'acme', id: `aud_${at + 1}`, at: '2026-03-02T10:00:00', actor: 'person:ada', action: 'plan.approved', subjectType: 'plan', subjectId: `pln_${at + 1}`, details: { n: at } }; // prettier-ignore
    hash = chainHash(hash, entry);
    return { seq: at + 1, eventId: entry.id, hash, entry };
  });
}

const chain = chainOf(12);
const head = signer.sign({ tenant: 'acme', seq: 12, hash: chain.at(-1)?.hash ?? '', at: DAY });
const packed = async (rows: readonly ChainRow[] = chain) =>
  buildPack(
    ABOUT,
    await packFiles({
      title: 'Evidence',
      summary: [{ title: 'Positions', lines: ['compliant: 1', 'Łódź'] }],
      tables: [
        {
          name: 'positions',
          columns: ['id', 'owner', 'why'].map((name) => ({ name, kind: 'thing' as const })),
          rows: Array.from({ length: 60 }, (_, at) => ({ id: `pos_${at}`, owner: at === 3 ? '=1+1' : 'Borealis', why: ['a', at] })),
        }, // prettier-ignore
      ],
      statement: null,
      audit: { rows, head },
    }),
    seed,
  );
const pack = await packed();
const contentOf = (path: string) => Buffer.from(filesOf(pack).get(path)?.[0] ?? []);

/** The same pack with another chain in it, as somebody would do who has no key. */
function withRows(rows: readonly ChainRow[]): Uint8Array {
  const forged = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return zipOf(
    [...filesOf(pack)].map(([path, [bytes = new Uint8Array()]]) => ({
      path,
      bytes: path === AUDIT_FILE ? forged : bytes,
    })),
  );
}

describe('an evidence pack', () => {
  test('is whole as it was built, and says who signed it', async () => {
    const check = await verifyPack(pack, ISSUER);

    expect(check).toMatchObject({ fault: null, auditFault: null, publicKey: ISSUER });
    expect(check.manifest).toMatchObject({ runId: 'rec_1', resultHash: ABOUT.resultHash });
    expect(check.manifest?.files.map(({ path }) => path)).toEqual(['readme.txt', 'summary.pdf', 'workbook.xlsx', 'tables/positions.csv', 'tables/positions.json', 'audit/chain.ndjson', 'audit/heads.json']); // prettier-ignore
  });

  test('has the same bytes whenever it is built', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1100));

    expect(Buffer.from(await packed()).equals(pack)).toBe(true);
  });

  test('is refused under another key than its reader trusts', async () => {
    const other = keysFromSeed(Buffer.alloc(32, 1)).publicKey;

    const check = await verifyPack(pack, other);

    expect(check).toMatchObject({ manifest: null, fault: { file: 'head.json' } });
  });

  test('one flipped byte anywhere is named by its file and its place', async () => {
    const flip = fc.record({
      at: fc.nat(pack.length - 1),
      change: fc.integer({ min: 1, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(flip, async ({ at, change }) => {
        const bad = Uint8Array.from(pack);
        bad[at] = (bad[at] ?? 0) ^ change;
        const { fault } = await verifyPack(bad, ISSUER);
        const file = fault?.file ?? null;
        const start =
          file === null ? 0 : Buffer.from(pack).indexOf(contentOf(file), file === 'head-copy.json' ? pack.length / 2 : 0); // prettier-ignore
        expect([fault?.exact, start + (fault?.offset ?? -1)]).toEqual([true, at]);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  test.each([
    ['removed', 5, chain.filter(({ seq }) => seq !== 5)],
    ['tail_cut', 10, chain.slice(0, 9)],
    ['reordered', 4, [...chain.slice(0, 3), ...chain.slice(4, 5), ...chain.slice(3, 4), ...chain.slice(5)].map((row, at) => ({ ...row, seq: at + 1 }))],
  ])('an audit row %s at %i is named, beside the file that holds it', async (reason, seq, rows) => {
    const { fault, auditFault } = await verifyPack(withRows(rows), ISSUER);

    expect([fault?.file, auditFault?.reason, auditFault?.seq]).toEqual([AUDIT_FILE, reason, seq]);
  }); // prettier-ignore

  test('an audit that lost rows before it was signed is named, though every file is as it was packed', async () => {
    const { fault, auditFault } = await verifyPack(await packed(chain.slice(0, 9)), ISSUER);

    expect([fault, auditFault?.reason, auditFault?.seq]).toEqual([null, 'tail_cut', 10]);
  });

  test('a file that is gone, one more than was packed, and a file cut short are each named', async () => {
    const entries = [...filesOf(pack)].map(([path, [bytes = new Uint8Array()]]) => ({
      path,
      bytes,
    }));
    const without = zipOf(entries.filter(({ path }) => path !== 'tables/positions.csv'));
    const more = zipOf([...entries, { path: 'tables/more.csv', bytes: Buffer.from('x') }]);

    const checks = await Promise.all([without, more, pack.subarray(0, 4000), new Uint8Array()].map((zip) => verifyPack(zip, ISSUER))); // prettier-ignore

    expect(checks.map(({ fault }) => fault?.file)).toEqual(['tables/positions.csv', 'tables/more.csv', expect.any(String), 'head.json']); // prettier-ignore
  });

  test('cells that a spreadsheet would calculate are made harmless in CSV and kept in JSON', () => {
    expect(contentOf('tables/positions.csv').toString()).toContain(`pos_3,'=1+1,"[""a"",3]"`);
    expect(JSON.parse(contentOf('tables/positions.json').toString())[3]).toEqual({ id: 'pos_3', owner: '=1+1', why: ['a', 3] }); // prettier-ignore
  });
});
