import type { Store } from '../db/store.ts';
import type { Connection } from '../intake/connections.ts';
import { liveConnection } from '../intake/connections.ts';
import type { Clock } from '../kernel/clock.ts';
import { NotFoundError, ValidationError } from '../kernel/errors.ts';
import { hashJson, type JsonObject } from '../kernel/hash.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Registry } from '../registry/load-registry.ts';
import type { ConnectorDefinition, ConnectorSession } from '../sdk/define-connector.ts';
import { createEgress } from '../security/egress.ts';
import type { Kek } from '../security/kek.ts';
import { openSecrets } from '../security/secrets.ts';
import type { Observer } from '../telemetry/metrics.ts';
import { createRedactor, type Redactor } from '../telemetry/redaction.ts';
import { redactError, redactSession } from './redact-session.ts';

/** Settings and opened secrets of a connection that may not be stored yet. */
export interface ConnectionDraft {
  readonly id: string;
  readonly connector: string;
  readonly config: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
  readonly allowPrivateNetwork: boolean;
}

/** Sessions to connected systems, one per connection and process, opened on first use. */
export interface Sessions {
  /** The open session of a stored connection. Throws AuthExpired, RemoteUnavailable and their like. */
  of(tenantId: string, connection: string): Promise<ConnectorSession>;
  /** Opens a session that nobody else uses; the caller closes it. */
  openDraft(draft: ConnectionDraft): Promise<ConnectorSession>;
  /** Forgets a session: its connection was changed, or its credentials stopped working. */
  drop(tenantId: string, connection: string): Promise<void>;
  close(): Promise<void>;
}

interface Held {
  readonly key: string;
  readonly session: Promise<ConnectorSession>;
}

interface SessionDeps {
  readonly store: Store;
  readonly registry: Registry;
  readonly kek: Kek;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The log's: what is opened here is masked there from then on. */
  readonly redactor?: Redactor;
  readonly observe?: Pick<Observer, 'observeRequest'>;
}

/** Creates the session cache. */
export function createSessions(deps: SessionDeps): Sessions {
  const held = new Map<string, Held>();

  const drop = async (tenantId: string, connection: string): Promise<void> => {
    const name = `${tenantId}/${connection}`;
    const entry = held.get(name);
    held.delete(name);
    await entry?.session.then((session) => session.close()).catch(() => undefined);
  };

  return {
    openDraft: (draft) => openDraft(deps, draft),
    drop,
    of: async (tenantId, connection) => {
      const name = `${tenantId}/${connection}`;
      const draft = await storedDraft(deps, tenantId, connection);
      const key = hashJson(draft);
      const known = held.get(name);
      if (known?.key === key) return known.session;
      if (known !== undefined) await drop(tenantId, connection);
      const session = openDraft(deps, draft);
      held.set(name, { key, session });
      session.catch(() => held.delete(name));
      return session;
    },
    close: async () => {
      const all = [...held.values()];
      held.clear();
      await Promise.allSettled(all.map(async (entry) => (await entry.session).close()));
    },
  };
}

/**
 * A vendor's words may repeat what it was sent, and they are kept with runs and intents and shown to people: whatever
 * the session throws or reports has the connection's own secrets masked.
 */
async function openDraft(deps: SessionDeps, draft: ConnectionDraft): Promise<ConnectorSession> {
  const connector = connectorOf(deps.registry, draft.connector);
  const config = parsed(connector.config.safeParse(draft.config), draft.id, 'setting');
  const secrets = parsed(connector.secrets.safeParse(draft.secrets), draft.id, 'secret');
  const given = Object.values(draft.secrets);
  for (const secret of given) deps.redactor?.register(secret);
  const { secretsIn } = createRedactor(given);
  const context = {
    connection: draft.id,
    config,
    secrets,
    egress: createEgress({
      hosts: connector.hosts(config),
      allowPrivateNetwork: draft.allowPrivateNetwork,
      timeoutMs: connector.limits.timeoutMs,
      maxResponseBytes: connector.limits.maxResponseBytes,
      concurrency: connector.limits.concurrency,
      observe: (seconds) => deps.observe?.observeRequest(draft.connector, seconds),
    }),
    clock: deps.clock,
    logger: deps.logger.child({ connection: draft.id }),
  };
  try {
    return redactSession(await connector.open(context), secretsIn);
  } catch (error) {
    throw redactError(error, secretsIn);
  }
}

function storedDraft(
  deps: SessionDeps,
  tenantId: string,
  connection: string,
): Promise<ConnectionDraft> {
  return deps.store.readTenant(tenantId, async (tx) => ({
    ...draftOf(await liveConnection(tx, connection)),
    secrets: await openSecrets(tx, deps.kek, connection),
  }));
}

/** The installed connector of that name. Throws NotFoundError with the names that there are. */
export function connectorOf(registry: Registry, id: string): ConnectorDefinition {
  const connector = registry.connectors.get(id);
  if (connector === undefined) {
    throw new NotFoundError(
      `There is no connector "${id}". Installed: ${[...registry.connectors.keys()].join(', ')}.`,
    );
  }
  return connector;
}

function draftOf(connection: Connection): Omit<ConnectionDraft, 'secrets'> {
  const { id, connector, config, allowPrivateNetwork } = connection;
  return { id, connector, config, allowPrivateNetwork };
}

function parsed<T>(
  result:
    | { success: true; data: T }
    | {
        success: false;
        error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] };
      },
  connection: string,
  what: 'setting' | 'secret',
): T {
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => ({
    pointer: issue.path.map(String).join('.') || what,
    message: issue.message,
  }));
  const list = problems.map((each) => `${each.pointer}: ${each.message}`).join('; ');
  throw new ValidationError(`The ${what}s of connection "${connection}" do not fit: ${list}.`, {
    details: { problems },
  });
}
