import { cp, mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { emptyDatabase } from '../../test/support/database.ts';
import { readEnvironment } from '../config/read-environment.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createRedactor } from '../telemetry/redaction.ts';
import { compose } from './compose.ts';

const ROOT = resolve(import.meta.dirname, '../..');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trueup-compose-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The plug-ins of this checkout, with one file more. */
async function rootWith(file: string, text: string): Promise<string> {
  const root = join(folder, 'root');
  await mkdir(root);
  for (const shared of ['src', 'node_modules', 'connectors'])
    await symlink(join(ROOT, shared), join(root, shared));
  for (const own of ['jobs', 'mappings'])
    await cp(join(ROOT, own), join(root, own), { recursive: true });
  await writeFile(join(root, file), text);
  return root;
}

async function tablesOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rowCount } = await client.query(`select from pg_tables where schemaname = 'public'`);
  await client.end();
  return rowCount ?? 0;
}

describe('a start', () => {
  test.each([
    ['plug-in', 'jobs/broken.ts', "export default { name: 'broken', lane: 'fast' };\n", /broken\.ts does not fit/],
    ['mapping', 'mappings/scim/broken.yaml', 'id: scim.broken\nversion: 1\n', /broken\.yaml/],
  ])('with a broken %s is refused and changes nothing in the database', async (_what, file, text, words) => {
    const url = await emptyDatabase();
    const config = readEnvironment({
      DATABASE_URL: url,
      TRUEUP_HOME: join(folder, 'home'),
      TRUEUP_ROOT: await rootWith(file, text),
    });
    const logger = createLogger({ level: 'error', redactor: createRedactor([]) });

    await expect(compose(config, { logger, workers: false })).rejects.toThrow(words);

    expect(await tablesOf(url)).toBe(0);
  }); // prettier-ignore
});
