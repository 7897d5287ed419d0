import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { makeCliHome, type CliHome, type CliResult } from '../support/cli.ts';
import { addArguments } from '../support/twin-process.ts';
import { startReceiver } from '../support/webhook-receiver.ts';

const OK = 0;
const USAGE = 2;
const FORBIDDEN = 3;
const NOT_FOUND = 4;
const CONFLICT = 5;
const INVALID = 6;

const Row = z.object({ id: z.string() });
const User = Row.extend({ name: z.string(), status: z.string(), roles: z.array(z.string()) });
const Key = Row.extend({ text: z.string(), roles: z.array(z.string()) });
const Tenant = Row.extend({ key: z.object({ text: z.string() }) });
const Document = z.record(z.string(), z.json());

let home: CliHome;
let url: string;

beforeAll(async () => {
  home = await makeCliHome();
  ({ url } = await home.json(['up'], z.object({ url: z.url() })));
}, 60_000);
afterAll(() => home.stop(), 60_000);

/** Runs as the owner of a key would from another machine. */
const as = (key: string, ...args: readonly string[]): Promise<CliResult> =>
  home.run(['--url', url, ...args], { TRUEUP_KEY: key });

const addUser = (name: string, ...roles: readonly string[]): Promise<z.infer<typeof User>> =>
  home.json(['users', 'add', name, ...roles.flatMap((role) => ['--role', role])], User);

const createKey = (person: string, ...more: readonly string[]): Promise<z.infer<typeof Key>> =>
  home.json(['keys', 'create', '--person', person, ...more], Key);

async function connectFiles(key: string, name: string): Promise<CliResult> {
  const config = { directory: home.desk };
  const args = await addArguments(home, { connector: 'file', name, config, secrets: {} });
  // The desk holds none of the files that a connection reads.
  return as(key, ...args, '--force');
}

test('the key-encryption key is made in the config folder of the user, not in the home', async () => {
  const kek = await stat(join(home.desk, 'trueup', 'kek'));

  expect(kek.mode & 0o077).toBe(0);
  expect(await readdir(home.folder, { recursive: true })).not.toContain('kek');
});

describe('roles', () => {
  let viewer: z.infer<typeof Key>;

  beforeAll(async () => {
    const person = await addUser('Vera Viewer', 'viewer');
    viewer = await createKey(person.id, '--role', 'viewer');
  }, 30_000);

  test('a viewer reads', async () => {
    expect(await as(viewer.text, 'plans', 'list')).toMatchObject({ code: OK });
    expect(viewer.roles).toEqual(['viewer']);
  });

  test.each([
    ['plans', 'approve', 'pln_any', '--hash', 'any'],
    ['plans', 'apply', 'pln_any'],
    ['pull', 'crm'],
    ['users', 'add', 'Mallory', '--role', 'admin'],
    ['users', 'list'],
    ['keys', 'list'],
    ['connections', 'add', 'file', '--name', 'x'],
    ['connections', 'enable-writes', 'crm'],
    ['tenants', 'list'],
    ['audit', 'list'],
    ['recon', 'run'],
    ['errors', 'retry'],
  ])('a viewer is refused: trueup %s %s %s', async (...args) => {
    const refused = await as(viewer.text, ...args);

    expect([refused.code, refused.out]).toEqual([FORBIDDEN, '']);
    expect(refused.err).toMatch(/^trueup: .+/);
  });

  test('a key never carries more than its person has', async () => {
    const person = await addUser('Ed Editor', 'editor');

    const refused = await home.run(['keys', 'create', '--person', person.id, '--role', 'admin']);

    expect(refused.code).not.toBe(OK);
    expect(refused.err).toMatch(/admin/);
  });
});

describe('a key ends', () => {
  test('at once when it is revoked, and the others of its person go on', async () => {
    const { id: person } = await addUser('Rita', 'viewer');
    const [lost, kept] = [await createKey(person), await createKey(person)];

    await home.json(['keys', 'revoke', lost.id], Row);

    expect(await as(lost.text, 'runs', 'list')).toMatchObject({ code: FORBIDDEN, out: '' });
    expect(await as(kept.text, 'runs', 'list')).toMatchObject({ code: OK });
  });

  test('with its person, at once', async () => {
    const { id: person } = await addUser('Dan', 'viewer');
    const key = await createKey(person);
    const before = await as(key.text, 'runs', 'list');

    const disabled = await home.json(['users', 'disable', person], User);
    const after = await as(key.text, 'runs', 'list');

    expect([before.code, disabled.status, after.code]).toEqual([OK, 'disabled', FORBIDDEN]);
  });

  test('with its first day of refusal, which cannot lie in the past already', async () => {
    const { id: person } = await addUser('Tom', 'viewer');

    const past = await home.run(['keys', 'create', '--person', person, '--expires', '2020-01-01']);
    const future = await createKey(person, '--expires', '2999-01-01');

    expect([past.code, past.out]).toEqual([INVALID, '']);
    expect(await as(future.text, 'runs', 'list')).toMatchObject({ code: OK });
  });

  test('its text is shown once and never listed', async () => {
    const { id: person } = await addUser('Una', 'viewer');
    const { text } = await createKey(person);

    const listed = await home.run(['keys', 'list', '--json']);

    expect(listed.out).not.toContain(text.split('_').at(-1));
  });
});

describe('two companies', () => {
  let ours: string;
  let acme: z.infer<typeof Tenant>;

  beforeAll(async () => {
    ours = await home.adminKey();
    const add = ['tenants', 'add', 'acme', '--name', 'Acme GmbH', '--admin', 'Ana Silva'];
    acme = await home.json(add, Tenant);
    await connectFiles(acme.key.text, 'papers');
    await connectFiles(ours, 'archive');
  }, 30_000);

  const names = async (key: string, noun: string, member: string): Promise<readonly string[]> => {
    const { out } = await as(key, noun, 'list', '--json');
    return z.array(z.record(z.string(), z.unknown())).parse(JSON.parse(out)).map((row) => String(row[member])); // prettier-ignore
  };

  test('each sees its own connections and people, and nothing of the other', async () => {
    expect(await names(acme.key.text, 'connections', 'id')).toEqual(['papers']);
    expect(await names(ours, 'connections', 'id')).toEqual(['archive']);
    expect(await names(acme.key.text, 'users', 'name')).toEqual(['Ana Silva']);
    expect(await names(ours, 'users', 'name')).not.toContain('Ana Silva');
  });

  test('the home keeps the new administrator’s key for its owner alone, so --tenant works at once', async () => {
    const own = await home.run(['--tenant', 'acme', 'connections', 'list', '--json']);
    const { mode } = await stat(join(home.folder, 'admin-acme.key'));

    expect(JSON.parse(own.out)).toMatchObject([{ id: 'papers' }]);
    expect(mode & 0o077).toBe(0);
  });

  test('a key that another server gave is not kept as one of this home', async () => {
    const added = await as(ours, 'tenants', 'add', 'far', '--name', 'Far', '--admin', 'Fay');

    expect(added).toMatchObject({ code: OK, out: expect.stringContaining('tru_far_') });
    expect(await readdir(home.folder)).not.toContain('admin-far.key');
  });

  test('what the other has does not exist: it is not found, and not forbidden', async () => {
    const shown = await as(acme.key.text, 'connections', 'show', 'archive');
    const pulled = await as(ours, 'pull', 'papers');

    expect([shown.code, pulled.code]).toEqual([NOT_FOUND, NOT_FOUND]);
  });

  test('an administrator of one company does not administer the installation', async () => {
    const refused = await as(
      acme.key.text,
      'tenants',
      'add',
      'other',
      '--name',
      'O',
      '--admin',
      'M',
    );

    expect(refused.code).toBe(FORBIDDEN);
  });

  test('--tenant with a key of another company is refused before anything is asked', async () => {
    const refused = await as(ours, '--tenant', 'acme', 'connections', 'list');
    const own = await home.run(['--tenant', 'acme', 'connections', 'list', '--json'], {
      TRUEUP_KEY: acme.key.text,
    });

    expect([refused.code, refused.out]).toEqual([USAGE, '']);
    expect(JSON.parse(own.out)).toMatchObject([{ id: 'papers' }]);
  });

  test('a company is not made twice', async () => {
    const again = await home.run(['tenants', 'add', 'acme', '--name', 'A', '--admin', 'M']);

    expect(again.code).toBe(CONFLICT);
    expect(await as(acme.key.text, 'users', 'list')).toMatchObject({ code: OK });
  });
});

describe('settings and retention', () => {
  const file = async (document: unknown): Promise<string> => {
    const path = join(home.desk, 'document.json');
    await writeFile(path, JSON.stringify(document));
    return path;
  };

  test('settings come back as they were set, and a part that does not fit changes nothing', async () => {
    const approval = { autoApproveUpTo: [{ amount: '2500.00', currency: 'EUR' }] };
    await home.json(['settings', 'set', await file({ approval, renewalLeadDays: 120 })], Document);
    const before = await home.json(['settings', 'show'], Document);

    const refused = await home.run(['settings', 'set', await file({ renewalLeadDays: -1 })]);

    expect(before).toMatchObject({ approval, renewalLeadDays: 120 });
    expect([refused.code, refused.err]).toEqual([INVALID, expect.stringContaining('renewalLeadDays')]); // prettier-ignore
    expect(await home.json(['settings', 'show'], Document)).toEqual(before);
  });

  test('retention comes back as it was set, and leaves the settings alone', async () => {
    const settings = await home.json(['settings', 'show'], Document);
    const usual = await home.json(['retention', 'show'], Document);

    await home.json(['retention', 'set', await file({ ...usual, runs: 30 })], Document);

    expect(await home.json(['retention', 'show'], Document)).toEqual({ ...usual, runs: 30 });
    expect(await home.json(['settings', 'show'], Document)).toEqual(settings);
  });
});

describe('webhooks', () => {
  test('an endpoint is added with its secret, tried, paused, rotated and removed; a captured call is verified without a server', async () => {
    const receiver = await startReceiver();
    try {
      const Endpoint = Row.extend({ status: z.string(), secret: z.string().optional() });
      const added = await home.json(['webhooks', 'add', receiver.url, '--event', 'plan.applied', '--allow-private-network'], Endpoint); // prettier-ignore
      const tried = await home.run(['webhooks', 'test', added.id]);
      const [call] = receiver.calls;
      const secret = join(home.desk, 'signing.txt');
      const captured = join(home.desk, 'call.http');
      await writeFile(secret, added.secret ?? '');
      const headers = Object.entries(call?.headers ?? {}).map(([name, value]) => `${name}: ${value}`); // prettier-ignore
      await writeFile(captured, `${headers.join('\r\n')}\r\n\r\n${call?.body}`);
      const verify = ['webhooks', 'verify', captured, '--secret', `signing=@${secret}`];
      const good = await home.run(verify);
      await writeFile(captured, `${headers.join('\r\n')}\r\n\r\n${call?.body} `);
      const bad = await home.run(verify);
      const paused = await home.json(['webhooks', 'pause', added.id], Endpoint);
      const rotated = await home.json(['webhooks', 'rotate', added.id], Endpoint);
      const sent = await home.run(['webhooks', 'deliveries', added.id]);
      const removed = await home.run(['webhooks', 'remove', added.id]);
      const left = await home.run(['webhooks', 'list']);

      expect([tried.code, good.code, bad.code, sent.code, removed.code]).toEqual([OK, OK, 9, OK, OK]); // prettier-ignore
      expect([good.out, bad.out, sent.out]).toEqual([
        expect.stringContaining('signed with this secret'),
        expect.stringContaining('did not sign these bytes'),
        expect.stringContaining('webhook.test'),
      ]);
      expect(paused.status).toBe('paused');
      expect(rotated.secret).not.toBe(added.secret);
      expect(left.out).toContain('No endpoints yet');
    } finally {
      await receiver.close();
    }
  });
});
