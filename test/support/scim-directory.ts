import { afterEach } from '@jest/globals';
import connector from '../../connectors/scim/index.ts';
import { scimFixtureWorld } from '../../connectors/scim/twin/fixture-world.ts';
import twin from '../../connectors/scim/twin/index.ts';
import { fixedClock } from '../../src/kernel/clock.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { PageToken, SourceRecord } from '../../src/sdk/record.ts';
import { controlOf, type CompanyTwin } from './company-twins.ts';
import { loopbackEgress } from './egress.ts';
import { heldSecrets } from './held-secrets.ts';

const WINDOW = { mode: 'full', from: null, to: null } as const;

/** The most that a directory gives at once. */
const ONE_ANSWER = 200;

/** A directory with habits of its own, and a session that reads it. */
export interface Directory {
  readonly twin: CompanyTwin;
  readonly session: ConnectorSession;
  /**
   * Reads a stream to its end, as intake does: each token goes through JSON. `between` runs after each page, and with it
   * no page joins several answers of the directory.
   */
  readonly readAll: (
    stream: string,
    between?: (page: number) => Promise<void>,
  ) => Promise<readonly SourceRecord[]>;
  /** The ids that the directory lists now. */
  readonly listed: () => Promise<ReadonlySet<string>>;
}

/** Opens directories for a test file and stops each after its test. */
export function useDirectories() {
  const open: CompanyTwin[] = [];
  afterEach(async () => {
    for (const each of open.splice(0)) await each.running.stop();
  });

  return async (
    users: number,
    settings: JsonObject = {},
    config: JsonObject = {},
  ): Promise<Directory> => {
    const running = await twin.start({
      world: scimFixtureWorld(users, settings),
      planted: [],
      port: 0,
      startAt: '2026-03-02T08:00:00Z',
      seed: 1,
    });
    const control = controlOf(running);
    open.push(control);
    const session = await connector.open({
      connection: 'people',
      config: connector.config.parse({ ...running.credentials.config, ...config }),
      ...heldSecrets({ token: running.credentials.secrets['token'] ?? '' }),
      egress: loopbackEgress(),
      clock: fixedClock('2026-03-02T08:00:00Z'),
      logger: silentLogger,
    });
    return {
      twin: control,
      session,
      readAll: (stream, between) => readAll(session, stream, between),
      listed: async () => {
        const keys = (await session.listKeys('Users', WINDOW)) ?? [];
        return new Set(keys.map(({ id }) => id));
      },
    };
  };
}

async function readAll(
  session: ConnectorSession,
  stream: string,
  between?: (page: number) => Promise<void>,
): Promise<readonly SourceRecord[]> {
  const options = between === undefined ? undefined : { limit: ONE_ANSWER };
  const records: SourceRecord[] = [];
  let after: PageToken | null = null;
  for (let page = 0; page < 5_000; page += 1) {
    const { records: some, next } = await session.readPage(stream, WINDOW, after, options);
    records.push(...some);
    if (next === null) return records;
    after = JSON.parse(JSON.stringify(next));
    await between?.(page);
  }
  throw new Error(`The read of ${stream} has no end.`);
}
