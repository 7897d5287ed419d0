import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../test/support/api.ts';
import { consolePages } from './console-pages.ts';

describe('the page of the console', () => {
  let folder: string;
  let api: TestApi;
  const page = (path: string) => fetch(`${api.url}${path}`, { redirect: 'manual' });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trueup-pages-'));
    api = await testApi({ pages: consolePages(folder) });
  });
  afterAll(async () => {
    await api.close();
    await rm(folder, { recursive: true });
  });

  test('says how to build it where it was not built, and the API works all the same', async () => {
    const answer = await page('/mappings');
    const health = await page('/healthz');

    expect([answer.status, health.status]).toEqual([404, 200]);
    expect(await answer.text()).toContain('npm run console');
  });

  test('lets in scripts of this server alone, and styles with a number that no two answers share', async () => {
    await writeFile(join(folder, 'index.html'), '<meta name="csp-nonce" content="%NONCE%">');

    const answers = [await page('/mappings'), await page('/mappings/salesforce.account')];

    const policies = answers.map(({ headers }) => headers.get('content-security-policy') ?? '');
    const nonces = policies.map((policy) => /'nonce-([\w+/=]{24})'/.exec(policy)?.[1]);
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(nonces).size).toBe(2);
    expect(texts).toEqual(nonces.map((nonce) => `<meta name="csp-nonce" content="${nonce}">`));
    for (const policy of policies)
      expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
  });

  test('keeps its files for ever and itself for no moment, and shows nothing beside them', async () => {
    await writeFile(join(folder, 'main.js'), 'export {};');
    await writeFile(join(folder, '.secret'), 'no');

    const [file, itself, hidden, outside] = await Promise.all(
      ['/console/main.js', '/mappings', '/console/.secret', '/console/..%2f..%2fetc/passwd'].map(
        page,
      ),
    );

    expect(file?.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(itself?.headers.get('cache-control')).toBe('no-store');
    expect([hidden?.status, outside?.status]).toEqual([404, 404]);
  });

  test('is where the server’s own address leads, and no other address is a page', async () => {
    const home = await page('/');

    expect([home.status, home.headers.get('location')]).toEqual([302, '/mappings']);
    expect((await page('/api/v1/nothing')).headers.get('content-type')).toContain('problem+json');
  });
});
