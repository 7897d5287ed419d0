import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../support/api.ts';
import { makeCliHome, type CliHome, type CliResult } from '../support/cli.ts';
import { pushClient } from '../support/scim-push.ts';

// The command line over a served API, as an administrator uses it who lets a provider push.

let api: TestApi;
let home: CliHome;
let key: string;
beforeAll(async () => {
  api = await testApi();
  home = await makeCliHome();
  key = (await api.person('acme', ['admin'])).key;
}, 60_000);
afterAll(async () => {
  await home.stop();
  await api.close();
}, 60_000);

const trueup = (...args: readonly string[]): Promise<CliResult> =>
  home.run(['--url', api.url, 'directories', ...args], { TRUEUP_KEY: key });

const statusOf = async (token: string): Promise<number> =>
  (await pushClient(api, token).call('GET', '/Users?count=0')).status;

const tokenIn = ({ out }: CliResult): string => /^trd_acme_\w+$/m.exec(out)?.[0] ?? out;

test('a directory is added with a token that works, which is rotated with an overlap and revoked', async () => {
  expect((await trueup('list')).out).toContain('No directory pushes to us');
  const added = await trueup('add', 'entra', '--label', 'first');
  const first = tokenIn(added);
  expect([added.code, await statusOf(first)]).toEqual([0, 200]);

  const second = tokenIn(await trueup('rotate', 'entra', '--overlap', '3600', '--label', 'second'));
  expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200]);

  const tokens = await trueup('tokens', 'entra', '--json');
  const rows = JSON.parse(tokens.out) as { readonly id: string; readonly label: string }[];
  expect(rows.map((row) => row.label)).toEqual(['first', 'second']);
  expect(tokens.out).not.toContain(second.split('_').at(-1));
  const revoked = await trueup('revoke', 'entra', rows[0]?.id ?? '');
  expect([revoked.code, await statusOf(first), await statusOf(second)]).toEqual([0, 401, 200]);

  const third = tokenIn(await trueup('rotate', 'entra'));
  expect([await statusOf(second), await statusOf(third)]).toEqual([401, 200]);
  expect((await trueup('list')).out).toMatch(/entra\s+ok\s+0\s+0/);
}, 120_000);

test('a name that is taken, a date that is none and a directory that nobody has are refused as such', async () => {
  const codes = [
    await trueup('add', 'entra'),
    await trueup('add', 'okta', '--expires', 'soon'),
    await trueup('tokens', 'nobody'),
  ].map(({ code }) => code);

  expect(codes).toEqual([5, 2, 4]);
}, 60_000);
