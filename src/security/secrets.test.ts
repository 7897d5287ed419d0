import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { ConfigError } from '../kernel/errors.ts';
import { kekFromBytes, kekFromText } from './kek.ts';
import { openKek } from './open-kek.ts';
import { seal, unseal } from './sealing.ts';
import { listSecretFields, openSecrets, sealSecrets } from './secrets.ts';

const KEK = kekFromBytes(randomBytes(32));
const SECRETS = { token: 'canary-7d1f', privateKey: '-----BEGIN KEY-----\nü\n' };

let db: TestStore;
let folder: string;

beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trueup-kek-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function refusalOf(work: Promise<unknown>): Promise<ConfigError> {
  const outcome = await work.then(
    () => 'let through',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(ConfigError);
  return outcome as ConfigError;
}

describe('sealing', () => {
  const context = fc.array(fc.string(), { minLength: 1, maxLength: 4 });

  test('opens to the same bytes under the same key and context, and never twice to the same ciphertext', () => {
    fc.assert(
      fc.property(fc.uint8Array(), context, (plain, place) => {
        const key = randomBytes(32);
        const [one, two] = [seal(key, plain, place), seal(key, plain, place)];

        expect(unseal(key, one, place)).toEqual(Buffer.from(plain));
        expect(one.equals(two)).toBe(false);
      }),
    );
  });

  test('F-84: does not open in another place, under another key, or with any byte changed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        context,
        context,
        fc.nat(),
        (plain, place, other, at) => {
          fc.pre(JSON.stringify(place) !== JSON.stringify(other));
          const key = randomBytes(32);
          const sealed = seal(key, plain, place);
          const changed = Buffer.from(sealed);
          changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ 1;

          expect(unseal(key, sealed, other)).toBeNull();
          expect(unseal(randomBytes(32), sealed, place)).toBeNull();
          expect(unseal(key, changed, place)).toBeNull();
          expect(unseal(key, sealed.subarray(0, at % sealed.length), place)).toBeNull();
        },
      ),
    );
  });

  test('does not take a|b and c for a and b|c', () => {
    const key = randomBytes(32);

    expect(unseal(key, seal(key, Buffer.from('x'), ['a|b', 'c']), ['a', 'b|c'])).toBeNull();
    expect(unseal(key, seal(key, Buffer.from('x'), ['a,b']), ['a', 'b'])).toBeNull();
  });
});

describe('the secrets of a connection', () => {
  const keep = (connection: string, secrets: Record<string, string> = SECRETS) =>
    db.store.withTenant('acme', (tx) => sealSecrets(tx, KEK, connection, secrets));
  const open = (connection: string, tenant = 'acme') =>
    db.store.readTenant(tenant, (tx) => openSecrets(tx, KEK, connection));

  test('come back as they were given, and a connection without any has none', async () => {
    await keep('crm');

    expect(await open('crm')).toEqual(SECRETS);
    expect(await open('unknown')).toEqual({});
    expect(await open('crm', 'globex')).toEqual({});
  });

  test('F-86: no column of any row holds one', async () => {
    await keep('canary');

    const rows = await db.store.readTenant('acme', (tx) =>
      tx.sql<{ row: string }>(
        `select encode(s.sealed, 'escape') || s::text as row from connection_secret s
         union all select encode(k.wrapped, 'escape') || k::text from connection_key k`,
      ),
    );

    expect(rows.length).toBeGreaterThan(2);
    expect(
      rows.filter((each) => each.row.includes('canary-7d1f') || each.row.includes('BEGIN KEY')),
    ).toEqual([]);
  });

  test('are sealed under a key of their own, and under a new one each time', async () => {
    const keyIds = async () =>
      (
        await db.store.readTenant('acme', (tx) =>
          tx.sql<{ id: string }>(
            `select k.id from connection_key k where k.connection in ('one', 'two')`,
          ),
        )
      ).map((row) => row.id);
    await keep('one');
    await keep('two');
    const before = await keyIds();

    await keep('one', { token: 'new' });

    const after = await keyIds();
    expect(new Set([...before, ...after]).size).toBe(3);
    expect(await open('one')).toEqual({ token: 'new' });
    expect(await db.store.readTenant('acme', (tx) => listSecretFields(tx, 'one'))).toEqual([
      'token',
    ]);
  });

  test.each([
    [
      'a value that was moved to another field',
      `update connection_secret s set sealed = o.sealed from connection_secret o where o.connection = s.connection and s.connection = 'moved' and s.field = 'token' and o.field = 'privateKey'`,
    ],
    [
      'a value that was altered',
      `update connection_secret s set sealed = set_byte(s.sealed, length(s.sealed) - 1, get_byte(s.sealed, length(s.sealed) - 1) # 1) where s.connection = 'moved' and s.field = 'token'`,
    ],
    [
      'a key that was taken from another connection',
      `update connection_key k set wrapped = o.wrapped, id = o.id from connection_key o where o.connection = 'other' and k.connection = 'moved'`,
    ],
  ])('F-84: %s is refused, and the message quotes nothing', async (_, sql) => {
    await keep('other', { token: 'other' });
    await keep('moved');

    await db.store.withTenant('acme', (tx) => tx.run(sql));

    const refusal = await refusalOf(open('moved'));
    expect(refusal.message).toContain('connections rotate moved');
    expect(refusal.message).not.toContain('canary');
  });

  test('F-84: a row of another company does not open here', async () => {
    await keep('carried', { token: 'mine' });
    const [key] = await db.store.readTenant('acme', (tx) =>
      tx.sql<{ id: string; kek_id: string; wrapped: Uint8Array }>(
        `select k.id, k.kek_id, k.wrapped from connection_key k where k.connection = 'carried'`,
      ),
    );
    const [secret] = await db.store.readTenant('acme', (tx) =>
      tx.sql<{ sealed: Uint8Array }>(
        `select s.sealed from connection_secret s where s.connection = 'carried'`,
      ),
    );
    await db.store.withTenant('globex', async (tx) => {
      await tx.run(
        `insert into connection_key (tenant_id, connection, id, kek_id, wrapped) values ('globex', 'carried', $1, $2, $3)`,
        [key?.id ?? '', key?.kek_id ?? '', key?.wrapped ?? null],
      );
      await tx.run(
        `insert into connection_secret (tenant_id, connection, field, key_id, sealed) values ('globex', 'carried', 'token', $1, $2)`,
        [key?.id ?? '', secret?.sealed ?? null],
      );
    });

    expect((await refusalOf(open('carried', 'globex'))).message).toContain('cannot be opened');
  });

  test('F-84: another key-encryption key is named in the refusal', async () => {
    await keep('rekeyed');
    const other = kekFromBytes(randomBytes(32));

    const refusal = await refusalOf(
      db.store.readTenant('acme', (tx) => openSecrets(tx, other, 'rekeyed')),
    );

    expect(refusal.message).toContain(KEK.id);
    expect(refusal.message).toContain(other.id);
  });
});

describe('the key-encryption key', () => {
  let fresh: TestStore;
  beforeEach(async () => {
    fresh = await testStore();
  });
  afterEach(() => fresh.close());

  test('is made once, for its owner alone, and found again', async () => {
    const place = { home: join(folder, 'home'), configFolder: join(folder, 'config') };

    const [first, atOnce] = await Promise.all([
      openKek(fresh.store, place),
      openKek(fresh.store, place),
    ]);
    const again = await openKek(fresh.store, place);

    const path = join(folder, 'config', 'trueup', 'kek');
    expect([atOnce.id, again.id]).toEqual([first.id, first.id]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(kekFromText(await readFile(path, 'utf8'), path).id).toBe(first.id);
  });

  test('F-84: refuses the start when it is another one, or is gone, once something was sealed', async () => {
    const place = { home: join(folder, 'home'), configFolder: join(folder, 'config') };
    const path = join(folder, 'config', 'trueup', 'kek');
    await openKek(fresh.store, place);

    await writeFile(path, randomBytes(32).toString('base64'));
    const wrong = await refusalOf(openKek(fresh.store, place));
    await rm(path);
    const missing = await refusalOf(openKek(fresh.store, place));

    expect(wrong.message).toContain('is not the one that sealed');
    expect(missing.message).toContain('bring it back from its backup');
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });

  test('that is named but not there refuses the start, and is not made', async () => {
    const file = join(folder, 'named');

    const refusal = await refusalOf(openKek(fresh.store, { home: join(folder, 'home'), file }));

    expect(refusal.message).toContain(file);
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  test.each(['short', 'x'.repeat(44), ''])(
    'that is no key (%p) refuses the start and is not quoted',
    async (text) => {
      const file = join(folder, 'kek');
      await writeFile(file, text);

      const refusal = await refusalOf(openKek(fresh.store, { home: join(folder, 'home'), file }));

      expect(refusal.message).toContain('does not hold a key');
      expect(refusal.message).not.toContain('x'.repeat(44));
    },
  );

  test.each([
    ['named by TRUEUP_KEK_FILE', (home: string) => ({ file: join(home, 'sub', 'kek') })],
    ['under a name that begins with two dots', (home: string) => ({ file: join(home, '..kek') })],
    ['behind a link', (home: string) => ({ file: join(dirname(home), 'link', 'kek') })],
    ['in the config folder of the user', (home: string) => ({ configFolder: home })],
  ])('never lies inside the home: %s', async (_, place) => {
    const home = join(folder, 'home');
    await mkdir(home);
    await symlink(home, join(folder, 'link'));

    const refusal = await refusalOf(openKek(fresh.store, { home, ...place(home) }));

    expect(refusal.message).toContain('lies inside TRUEUP_HOME');
  });
});
