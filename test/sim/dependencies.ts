import { connectorOf } from '../../src/app/connector-of.ts';
import type { Deps } from '../../src/app/deps.ts';
import type { Sessions } from '../../src/app/sessions.ts';
import type { Store } from '../../src/db/store.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { Queue } from '../../src/queue/port.ts';
import type { Egress } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import { heldSecrets } from '../support/held-secrets.ts';
import type { Crew } from './crew.ts';
import type { Schedule } from './schedule.ts';
import { simulatedStore } from './simulated-store.ts';
import type { SimulatedVendor } from './vendor.ts';

/** What all seeds of a process share. */
export interface SimulationHost extends Pick<Deps, 'registry' | 'mappings' | 'kek'> {
  readonly store: Store;
}

/** Where a seed's vendor is found, and how it is spoken to. */
interface Site {
  readonly vendor: SimulatedVendor;
  /** What a connector keeps per address must not leak from seed to seed: each has an address of its own. */
  readonly host: string;
  /** Settings that no person could choose. */
  readonly tuned: JsonObject;
}

const silentQueue: Queue = {
  enqueue: async () => undefined,
  start: async () => undefined,
  close: async () => undefined,
  ping: async () => undefined,
  depth: async () => ({ interactive: 0, bulk: 0, schedule: 0 }),
};

/** The settings and secrets of a connection to the seed's twin. */
export function addressed(twin: RunningTwin, { vendor, host }: Site) {
  const { config, secrets } = twin.credentials;
  const text = JSON.stringify({ ...config, ...vendor.config }).replaceAll(
    'http://127.0.0.1:1',
    `${vendor.scheme}://${host}`,
  );
  return { config: JSON.parse(text) as JsonObject, secrets };
}

/** The program's dependencies, with a session per worker process and every way out simulated. */
export function dependencies(
  host: SimulationHost,
  given: {
    readonly twin: RunningTwin;
    readonly schedule: Schedule;
    readonly crew: Crew;
    readonly egress: Egress;
    readonly site: Site;
    readonly connection: string;
  },
): Deps {
  const { connection, crew, egress, site } = given;
  const clock = {
    now: () => new Date(),
    today: () => new Date().toISOString().slice(0, 10),
  };
  const connector = connectorOf(host.registry, site.vendor.system);
  const credentials = addressed(given.twin, site);
  const open = () =>
    connector.open({
      connection,
      config: { ...Object(connector.config.parse(credentials.config)), ...site.tuned },
      ...heldSecrets(connector.secrets.parse(credentials.secrets)),
      egress,
      clock,
      logger: silentLogger,
    });
  const sessions: Sessions = {
    of: () => crew.session(open),
    openDraft: async () => {
      throw new Error('Nothing is tried in a simulation.');
    },
    openTrial: open,
    drop: async () => undefined,
    close: async () => undefined,
  };
  return {
    home: '/nowhere',
    store: simulatedStore(host.store, given.schedule),
    registry: host.registry,
    mappings: host.mappings,
    kek: host.kek,
    queue: silentQueue,
    logger: silentLogger,
    clock,
    sessions,
  };
}
