import netsuite from '../../connectors/netsuite/index.ts';
import { Config, Secrets } from '../../connectors/netsuite/config.ts';
import { FIXTURE_WORLD } from '../../connectors/netsuite/twin/fixture-world.ts';
import netsuiteTwin from '../../connectors/netsuite/twin/index.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { Json, JsonObject } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin, TwinWorld } from '../../src/sdk/define-twin.ts';
import { loopbackEgress } from './egress.ts';
import { heldSecrets } from './held-secrets.ts';

/** A NetSuite twin and ways to look at it and to change it, as tests need them. */
export interface NetSuiteUnderTest {
  readonly twin: RunningTwin;
  /** A session with the twin's own credentials, changed where a test says so. */
  open(config?: JsonObject, secrets?: Readonly<Record<string, string>>): Promise<ConnectorSession>;
  mutate(mutation: JsonObject): Promise<string>;
  faults(...rules: readonly JsonObject[]): Promise<void>;
  setClock(now: string): Promise<void>;
  oracle(): Promise<readonly JsonObject[]>;
  records(object: string): Promise<readonly JsonObject[]>;
  stop(): Promise<void>;
}

/** A session of the real connector; `config` and `secrets` pass through the connector's own schemas. */
export function openNetSuite(
  config: JsonObject,
  secrets: Readonly<Record<string, string>>,
): Promise<ConnectorSession> {
  return netsuite.open({
    connection: 'ns',
    config: Config.parse(config),
    ...heldSecrets(Secrets.parse(secrets)),
    egress: loopbackEgress(),
    clock: systemClock(),
    logger: silentLogger,
  });
}

async function control(
  twin: RunningTwin,
  method: string,
  path: string,
  body?: JsonObject,
): Promise<Json> {
  const reply = await fetch(`${twin.control}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await reply.json()) as Json;
  if (!reply.ok) throw new Error(`The twin refused ${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}

/** Starts a NetSuite twin on a free port. The caller stops it. */
export async function startNetSuite(world: TwinWorld = FIXTURE_WORLD): Promise<NetSuiteUnderTest> {
  const twin = await netsuiteTwin.start({
    world,
    planted: [],
    port: 0,
    startAt: '2026-03-02T17:00:00Z',
    seed: 1,
  });
  const { config, secrets } = twin.credentials;
  return {
    twin,
    open: (changes = {}, otherSecrets = secrets) =>
      openNetSuite({ ...config, ...changes }, otherSecrets),
    mutate: async (mutation) =>
      ((await control(twin, 'POST', '/mutate', mutation)) as { id: string }).id,
    faults: async (...rules) => void (await control(twin, 'PUT', '/faults', { seed: 1, rules })),
    setClock: async (now) => void (await control(twin, 'POST', '/clock', { now })),
    oracle: async () => (await control(twin, 'GET', '/oracle')) as readonly JsonObject[],
    records: async (object) =>
      (await control(twin, 'GET', `/records?object=${object}`)) as readonly JsonObject[],
    stop: () => twin.stop(),
  };
}
