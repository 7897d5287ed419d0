import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import connector from '../../connectors/file/index.ts';
import { fixedClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { PageToken, SourceRecord, UnreadableRecord } from '../../src/sdk/record.ts';
import { loopbackEgress } from './egress.ts';
import { heldSecrets } from './held-secrets.ts';

export const WINDOW = { mode: 'full', from: null, to: null } as const;

interface ReadResult {
  readonly records: readonly SourceRecord[];
  readonly unreadable: readonly UnreadableRecord[];
  readonly pages: number;
}

/** A directory of files for each test of a file, and the file connector on it. */
export function useFileDrop() {
  let base: string;
  let directory: string;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'files-'));
    directory = join(base, 'drop');
    mkdirSync(directory);
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const put = (name: string, text: string | Buffer): void =>
    writeFileSync(join(directory, name), text);
  const open = (config: Record<string, unknown> = {}): Promise<ConnectorSession> =>
    connector.open({
      connection: 'files',
      config: connector.config.parse({ directory, ...config }),
      ...heldSecrets({}),
      egress: loopbackEgress(),
      clock: fixedClock('2026-03-02T08:00:00Z'),
      logger: silentLogger,
    });

  async function readAll(stream: string, session?: ConnectorSession): Promise<ReadResult> {
    const from = session ?? (await open());
    const records: SourceRecord[] = [];
    const unreadable: UnreadableRecord[] = [];
    let after: PageToken | null = null;
    let pages = 0;
    do {
      const page = await from.readPage(stream, WINDOW, after);
      records.push(...page.records);
      unreadable.push(...page.unreadable);
      pages += 1;
      after = page.next;
    } while (after !== null);
    await from.close();
    return { records, unreadable, pages };
  }

  const counted = async (stream: string): Promise<number | null> =>
    (await open()).countWindow(stream, WINDOW);
  return { put, open, readAll, counted, base: () => base, directory: () => directory };
}
