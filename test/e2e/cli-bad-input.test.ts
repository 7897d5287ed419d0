import { cp, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { makeCliHome, type CliHome, type CliResult } from '../support/cli.ts';
import { textOf } from '../support/company-twins.ts';
import { addArguments, startTwin, type TwinProcess } from '../support/twin-process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FAILED = 1;
const USAGE = 2;
const FORBIDDEN = 3;
const NOT_FOUND = 4;
const CONFLICT = 5;
const INVALID = 6;
const REMOTE = 8;

const Stream = z.object({
  stream: z.string(),
  sourceCount: z.number().nullable(),
  landed: z.number(),
  created: z.number(),
  closed: z.boolean().nullable(),
});
const Pulled = z.object({ run: z.string(), streams: z.array(Stream) });
const Named = z.array(z.object({ id: z.string() }));

let home: CliHome;
let directory: TwinProcess;
let html: Server;

beforeAll(async () => {
  home = await makeCliHome({ TRUEUP_TODAY: '2026-03-02' });
  html = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<html><body>Please sign in to the hotel network.</body></html>');
  });
  await new Promise<void>((listening) => html.listen(0, '127.0.0.1', () => listening()));
  directory = await startTwin('scim', 1);
  await home.run(['up']);
}, 60_000);
afterAll(async () => {
  html?.close();
  await Promise.all([home.stop(), directory?.stop()]);
}, 60_000);

/** What stderr must not hold: the inside of the program. */
const TRACE = /^\s+at |node:internal|\.ts:\d+:\d+|something went wrong that should not/m;

/** What is to be said of a command that failed: its code, its words, and whether a stack trace came with them. */
const refusalOf = ({ code, err }: CliResult) => ({ code, words: err, trace: TRACE.test(err) });
/** A failure with this code and these words, and without a stack trace. */
const refusal = (code: number, words: RegExp) => ({
  code,
  words: expect.stringMatching(words),
  trace: false,
});

const added = async (): Promise<readonly string[]> =>
  (await home.json(['connections', 'list'], Named)).map(({ id }) => id);

/** `connections add scim` with one thing changed. */
async function add(change: {
  readonly name?: string;
  readonly baseUrl?: string;
  readonly token?: string;
  readonly allowPrivate?: boolean;
}): Promise<CliResult> {
  const { config, secrets } = directory.credentials;
  const wanted = {
    connector: 'scim',
    name: change.name ?? 'people',
    config: { ...config, ...(change.baseUrl === undefined ? {} : { baseUrl: change.baseUrl }) },
    secrets: { ...secrets, ...(change.token === undefined ? {} : { token: change.token }) },
  };
  const all = await addArguments(home, wanted);
  return home.run(change.allowPrivate === false ? all.slice(0, -1) : all);
}

describe('a connection that cannot be added is told and not kept', () => {
  const TOKEN = 'a-token-that-nobody-gave';

  test.each([
    ['wrong credentials', { token: TOKEN }, REMOTE, /refused the token/],
    ['a host that refuses', { baseUrl: 'http://127.0.0.1:9/scim/v2' }, REMOTE, /did not answer/],
    ['a host that is not there', { baseUrl: 'https://directory.invalid/scim/v2' }, REMOTE, /directory\.invalid|did not answer/],
    ['a private address without the flag', { allowPrivate: false }, FORBIDDEN, /private address.*--allow-private-network/],
    ['a cloud metadata address', { baseUrl: 'https://169.254.169.254/scim/v2' }, FORBIDDEN, /169\.254\.169\.254/],
    ['an address that is none', { baseUrl: 'directory' }, INVALID, /config\/baseUrl/],
    ['a name that is none', { name: 'Not A Name' }, INVALID, /name/],
  ])('%s', async (_case, change, code, words) => {
    const refused = await add(change);

    expect(refusalOf(refused)).toEqual(refusal(code, words));
    expect(refused.err).not.toContain(TOKEN);
    expect(await added()).toEqual([]);
  }); // prettier-ignore

  test('an unknown connector, naming those that are installed', async () => {
    const refused = await home.run(['connections', 'add', 'oracle', '--name', 'erp']);

    expect(refusalOf(refused)).toEqual(refusal(NOT_FOUND, /"oracle".*salesforce/));
    expect(await added()).toEqual([]);
  });
});

describe('what a command says of itself', () => {
  test('its version, as an option, as a command and as JSON, without a home', async () => {
    const [option, command, json] = await Promise.all(
      [['--version'], ['version'], ['version', '--json']].map((args) => home.run(args)),
    );

    expect(option).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(command).toEqual(option);
    expect(JSON.parse(json?.out ?? '')).toEqual({ version: option?.out.trim() });
  });

  test('help names the options that every command takes, and no default that is none', async () => {
    const { out } = await home.run(['pull', '--help']);

    expect(out).toMatch(/--json .*--url .*--token-file .*--tenant /s);
    expect(out).toContain('--stream <stream>');
    expect(out).not.toContain('default: []');
  });

  test('a sync that was started can be followed', async () => {
    const { code, out } = await home.run(['sync', 'run', 'sync-renewals']);

    expect([code, out]).toEqual([0, expect.stringMatching(/under way.*trueup status/)]);
  });

  test('--tenant names a company for which the home has no key: forbidden', async () => {
    const refused = await home.run(['--tenant', 'nobody', 'runs', 'list']);

    expect(refusalOf(refused)).toEqual(refusal(FORBIDDEN, /no administrator key .*"nobody".*TRUEUP_KEY/));
  }); // prettier-ignore
});

describe('an unknown id is told with exit 4', () => {
  test.each([
    ['runs', 'show', 'run_01jzzzzzzzzzzzzzzzzzzzzzzz'],
    ['plans', 'show', 'pln_01jzzzzzzzzzzzzzzzzzzzzzzz'],
    ['plans', 'approve', 'pln_none', '--hash', 'none'],
    ['plans', 'apply', 'pln_none'],
    ['intents', 'show', 'none'],
    ['entitlements', 'show', 'ent:none'],
    ['errors', 'show', 'err_none'],
    ['errors', 'retry', 'err_none'],
    ['findings', 'show', 'fnd_none'],
    ['findings', 'accept', 'fnd_none', '--reason', 'why', '--until', '2027-01-01'],
    ['findings', 'assign', 'fnd_none', '--nobody'],
    ['recon', 'show', 'rec_none'],
    ['recon', 'explain', 'none'],
    ['recon', 'delta', 'rec_none'],
    ['recon', 'variance', 'rec_none'],
    ['recon', 'delta', '--against', 'rec_none'],
    ['connections', 'show', 'nobody'],
    ['pull', 'nobody'],
    ['users', 'disable', 'usr_none'],
    ['keys', 'revoke', 'key_none'],
    ['trace', '006000000000000AAA'],
    ['twin', 'oracle'],
  ])('trueup %s %s %s', async (...args) => {
    expect(refusalOf(await home.run(args))).toEqual(refusal(NOT_FOUND, /^trueup: .*\S/));
  });
});

describe('a command line that is wrong ends with 2 and says what is meant', () => {
  test.each([
    [['plan', 'list'], /Did you mean plans\?/],
    [['connections', 'lst'], /Did you mean list\?/],
    [['runs', 'list', '--conection', 'crm'], /Did you mean --connection\?/],
    [['connections', 'add', 'scim'], /--name/],
    [['runs', 'list', '--limit', 'many'], /--limit takes a whole number/],
    [['connections', 'add', 'scim', '--name', 'x', '--set', 'baseUrl'], /--set takes key=value/],
    [['connections', 'add', 'scim', '--name', 'x', '--secret', 'token=@/none/there'], /cannot be read/],
    [['connections', 'add', 'scim', '--name', 'x', '--secret', 'token=env:NOT_SET_AT_ALL'], /NOT_SET_AT_ALL/],
    [['settings', 'set', '/none/there.json'], /none\/there\.json/],
    [['--url', 'http://127.0.0.1:9', 'runs', 'list'], /TRUEUP_KEY/],
  ])('trueup %p', async (args, words) => {
    expect(refusalOf(await home.run(args))).toEqual(refusal(USAGE, words));
  }); // prettier-ignore

  test('a secret on the command line is refused and not repeated', async () => {
    const refused = await home.run(
      ['connections', 'add', 'scim', '--name', 'x', '--secret', 'token=hunter2'],
    ); // prettier-ignore

    expect(refusalOf(refused)).toEqual(refusal(USAGE, /token=@FILE or token=env:NAME/));
    expect(refused.err).not.toContain('hunter2');
  });

  test('a server that is not there is told as unavailable, a key that is none as forbidden', async () => {
    const { url } = await home.processes();
    const key = { TRUEUP_KEY: 'tru_not-a-key' };

    const nowhere = await home.run(['--url', 'http://127.0.0.1:9', 'runs', 'list'], key);
    const stranger = await home.run(['--url', url, 'runs', 'list'], key);

    expect(refusalOf(nowhere)).toEqual(refusal(REMOTE, /No Trueup server answers/));
    expect(refusalOf(stranger)).toEqual(refusal(FORBIDDEN, /key/i));
  });
});

describe('a system that answers garbage', () => {
  beforeAll(async () => {
    const page = `http://127.0.0.1:${(html.address() as AddressInfo).port}/scim/v2`;
    const { config, secrets } = directory.credentials;
    const people = { connector: 'scim', name: 'people', config, secrets };
    const hotel = { ...people, name: 'hotel', config: { ...config, baseUrl: page } };
    await home.json(await addArguments(home, people), z.unknown());
    await home.json([...(await addArguments(home, hotel)), '--no-check'], z.unknown());
  }, 60_000);

  const landed = ({ out }: CliResult): readonly unknown[] =>
    Pulled.parse(JSON.parse(out)).streams.map((each) => [each.stream, each.landed, each.closed]);
  const NOTHING = [
    ['Groups', 0, false],
    ['Users', 0, false],
  ];

  test.each(['malformed_json', 'truncate_body'])(
    '%s: the pull fails with 8 and lands nothing',
    async (action) => {
      await directory.faults({ action });

      const pulled = await home.run(['pull', 'people', '--json']);
      await directory.faults();

      expect(refusalOf(pulled)).toEqual(refusal(REMOTE, /Users: .*directory/));
      expect(landed(pulled)).toEqual(NOTHING);
    },
    60_000,
  );

  test('a page of HTML in place of data: the same', async () => {
    const pulled = await home.run(['pull', 'hotel', '--json']);

    expect(refusalOf(pulled)).toEqual(refusal(REMOTE, /Users: .*directory/));
    expect(landed(pulled)).toEqual(NOTHING);
  }, 60_000);

  test('an unknown stream is refused before a run is made', async () => {
    const before = await home.json(['runs', 'list'], Named);

    expect(refusalOf(await home.run(['pull', 'people', '--stream', 'Rooms']))).toEqual(
      refusal(NOT_FOUND, /Users, Groups/),
    );
    expect(await home.json(['runs', 'list'], Named)).toEqual(before);
  });

  test('once it answers right, everything lands in the public shape and closes', async () => {
    const { streams } = await home.json(['pull', 'people'], Pulled);

    for (const stream of streams) {
      expect(stream.closed).toBe(true);
      expect(stream.landed).toBe(stream.sourceCount);
    }
  });

  test('a record that it drops makes the pull fail with 1, and stderr names the record', async () => {
    const [user] = await directory.records('Users');
    const id = textOf(user, 'id');
    await directory.faults({ action: 'drop_record', match: { object: 'Users', id } });

    const pulled = await home.run(['pull', 'people', '--full', '--json']);
    await directory.faults();

    expect(refusalOf(pulled)).toEqual(refusal(FAILED, new RegExp(`Users: .*${id}`)));
  });

  test('a name that is taken is a conflict', async () => {
    expect(refusalOf(await add({}))).toEqual(refusal(CONFLICT, /"people" already/));
  });
});

describe('an installation with a fault does not start, and says where the fault is', () => {
  /** The plug-ins of this checkout with one file changed. */
  async function treeWith(file: string, text: string): Promise<string> {
    const root = await mkdtemp(join(home.desk, 'tree-'));
    for (const shared of ['src', 'node_modules', 'connectors'])
      await symlink(join(ROOT, shared), join(root, shared));
    for (const own of ['jobs', 'mappings'])
      await cp(join(ROOT, own), join(root, own), { recursive: true });
    await writeFile(join(root, file), text);
    return root;
  }

  test.each([
    ['a mapping that is no YAML', 'mappings/scim/broken.yaml', 'id: scim.broken\nversion: 1\n  fields: [', /scim\/broken\.yaml .*\(line \d+\)/],
    ['a mapping without a source', 'mappings/scim/broken.yaml', 'id: scim.broken\nversion: 1\n', /scim\/broken\.yaml .*\(line \d+\)/],
    ['a job that fails its schema', 'jobs/broken.ts', "export default { name: 'broken', lane: 'fast' };\n", /jobs\/broken\.ts does not fit: .*lane/],
    ['a job that does not load', 'jobs/broken.ts', 'export default {', /jobs\/broken\.ts cannot be loaded/],
  ])('%s', async (_case, file, text, words) => {
    const other = await makeCliHome({ TRUEUP_ROOT: await treeWith(file, text) });

    try {
      expect(refusalOf(await other.run(['up']))).toEqual(refusal(FAILED, words));
    } finally {
      await other.stop();
    }
  }, 60_000); // prettier-ignore

  test('a home made for a demo is never mixed with one that holds data', async () => {
    expect(refusalOf(await home.run(['demo', '--once']))).toEqual(
      refusal(INVALID, /holds data that is not a demo's/),
    );
  });
});
