import { liveConnection, type Connection } from '../intake/connections.ts';
import { RateLimited, StaleError } from '../kernel/errors.ts';
import { hashJson } from '../kernel/hash.ts';
import type { ListenOptions } from '../sdk/change-events.ts';
import { statusObject, type ConnectorSession } from '../sdk/define-connector.ts';
import { openSecrets, secretsStamp } from '../security/secrets.ts';
import { createCallGate, type CallGate } from './call-gate.ts';
import { forClosedWon, forListening, isListening } from './call-purpose.ts';
import { connectorOf } from './connector-of.ts';
import { openSession, type ConnectionDraft, type SessionDeps } from './open-session.ts';
import { refusePushed } from './refuse-pushed.ts';
import { reservedSession } from './reserved-session.ts';
import { draftVault, storedVault, type DraftVault } from './vault.ts';

/** A session that nobody else uses, over settings that may not be stored. */
export interface DraftSession extends ConnectorSession {
  /** The secrets by now: a login may have renewed them, and the vendor has forgotten the former ones. */
  newestSecrets(): Readonly<Record<string, string>>;
}

/** Sessions to connected systems, one per connection and process, opened on first use. */
export interface Sessions {
  /**
   * The open session of a stored connection. With `closedWon` all its calls may touch the reserve of the budget; writes
   * and read-backs always may. Throws AuthExpired, RemoteUnavailable and their like.
   */
  of(
    tenantId: string,
    connection: string,
    options?: { readonly closedWon?: boolean },
  ): Promise<ConnectorSession>;
  /** Opens a session that nobody else uses, for settings and secrets that are not stored; the caller closes it. */
  openDraft(draft: ConnectionDraft): Promise<DraftSession>;
  /**
   * Opens a session that nobody else uses, with the stored secrets of a connection and other settings perhaps. It shares
   * the connection's budget, and keeps what a login renews. The caller closes it.
   */
  openTrial(tenantId: string, draft: ConnectionDraft): Promise<ConnectorSession>;
  /** Ends a session: its connection was changed. Whoever still uses it gets a StaleError at the next call. */
  drop(tenantId: string, connection: string): Promise<void>;
  close(): Promise<void>;
}

interface Held {
  readonly stamp: string;
  readonly session: Promise<ConnectorSession>;
  end(): void;
}

/** How long a changed or removed connection may be called on by a process that did not change it. */
const LOOK_EVERY_MS = 1000;

/** Creates the session cache. */
export function createSessions(deps: SessionDeps): Sessions {
  const held = new Map<string, Held>();
  const gates = new Map<string, CallGate>();

  const gateOf = (tenantId: string, connection: string): CallGate => {
    const name = `${tenantId}/${connection}`;
    const { store, logger } = deps;
    const gate = gates.get(name) ?? createCallGate({ store, logger, tenantId, connection });
    gates.set(name, gate);
    return gate;
  };
  const drop = async (tenantId: string, connection: string): Promise<void> => {
    const name = `${tenantId}/${connection}`;
    const entry = held.get(name);
    held.delete(name);
    entry?.end();
    await entry?.session.then((session) => session.close()).catch(() => undefined);
  };
  const open = (tenantId: string, draft: ConnectionDraft, stamp: string): Held => {
    const life = lifeOf(deps, tenantId, draft.id, stamp);
    const gate = gateOf(tenantId, draft.id);
    const session = openStored(deps, tenantId, draft, gate, life.requireAlive);
    return { stamp, session, end: life.end };
  };
  const sessionOf = async (tenantId: string, connection: string): Promise<ConnectorSession> => {
    const name = `${tenantId}/${connection}`;
    const stamp = await stampNow(deps, tenantId, connection).catch(async (error: unknown) => {
      await drop(tenantId, connection);
      throw error;
    });
    const known = held.get(name);
    if (known?.stamp === stamp) return known.session;
    if (known !== undefined) await drop(tenantId, connection);
    const draft = await storedDraft(deps, tenantId, connection);
    const entry = open(tenantId, draft, stamp);
    held.set(name, entry);
    entry.session.catch(() => {
      if (held.get(name) === entry) held.delete(name);
    });
    return entry.session;
  };

  return {
    openDraft: (draft) => openUnstored(deps, draft),
    openTrial: (tenantId, draft) =>
      openStored(deps, tenantId, draft, gateOf(tenantId, draft.id), async () => undefined),
    drop,
    of: async (tenantId, connection, options = {}) => {
      const session = await sessionOf(tenantId, connection);
      return options.closedWon === true ? reservedSession(session) : session;
    },
    close: async () => {
      const all = [...held.values()];
      held.clear();
      await Promise.allSettled(all.map(async (entry) => (await entry.session).close()));
      const open = [...gates.values()];
      gates.clear();
      await Promise.allSettled(open.map((gate) => gate.close()));
    },
  };
}

/**
 * What a session is bound to: settings, and the credentials that a person stored. What a login renews by itself is not
 * part of it, or every renewal would end the sessions of all other processes. Throws NotFoundError for a removed one.
 */
function stampNow(deps: SessionDeps, tenantId: string, connection: string): Promise<string> {
  return deps.store.readTenant(tenantId, async (tx) => {
    const found = await liveConnection(tx, connection);
    refusePushed(found);
    const stored = draftOf(found);
    return hashJson({ ...stored, login: (await secretsStamp(tx, connection))?.login ?? null });
  });
}

/** Whether a session may still call: until it is ended here, or its connection is seen to be another one. */
function lifeOf(deps: SessionDeps, tenantId: string, connection: string, stamp: string) {
  let ended = false;
  let lookAgainAt = performance.now() + LOOK_EVERY_MS;
  const requireAlive = async (): Promise<void> => {
    if (!ended && performance.now() >= lookAgainAt) {
      lookAgainAt = performance.now() + LOOK_EVERY_MS;
      ended = (await stampNow(deps, tenantId, connection)) !== stamp;
    }
    if (!ended) return;
    throw new StaleError(
      `Connection "${connection}" was changed, so nothing more is sent with its former settings. The work goes on with the new ones.`,
      { details: { sent: false } },
    );
  };
  return { requireAlive, end: () => void (ended = true) };
}

async function openStored(
  deps: SessionDeps,
  tenantId: string,
  draft: ConnectionDraft,
  gate: CallGate,
  requireAlive: () => Promise<void>,
): Promise<ConnectorSession> {
  const { store, kek } = deps;
  const connector = connectorOf(deps.registry, draft.connector);
  const session = await openSession(deps, draft, {
    vault: (register) =>
      storedVault({ store, kek, tenantId, connection: draft.id, connector, register }),
    reportUsage: (usage) => gate.reportUsage(usage),
    gate: async (call) => {
      await requireAlive();
      return await (isListening() ? call() : gate.run(call));
    },
  });
  return {
    ...session,
    ...(session.listen === undefined
      ? {}
      : {
          listen: (options: ListenOptions) =>
            forListening(async () => await session.listen?.(options)),
        }),
    write: (object, requests) =>
      forWriting(object, async () => {
        await requireUnsent(gate);
        return await session.write(object, requests);
      }),
    readBack: (object, externalIds, vendorIds) =>
      forWriting(object, () => session.readBack(object, externalIds, vendorIds)),
  };
}

/** What shows a status can wait until tomorrow; every other write may touch the reserve. */
function forWriting<T>(object: string, work: () => T): T {
  return statusObject(object) === null ? forClosedWon(work) : work();
}

/** A budget that is spent before a write begins leaves nothing in doubt: the write says so, and waits unsent. */
async function requireUnsent(gate: CallGate): Promise<void> {
  try {
    await gate.requireCall();
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error;
    const { message, retryAt, details } = error;
    throw new RateLimited(message, {
      ...(retryAt === undefined ? {} : { retryAt }),
      details: { ...details, nothingApplied: true },
      cause: error,
    });
  }
}

async function openUnstored(deps: SessionDeps, draft: ConnectionDraft): Promise<DraftSession> {
  const connector = connectorOf(deps.registry, draft.connector);
  let vault: DraftVault | null = null;
  const session = await openSession(deps, draft, {
    vault: (register) =>
      (vault = draftVault({ connector, connection: draft.id, register }, draft.secrets)),
    reportUsage: () => undefined,
    gate: (call) => call(),
  });
  return { ...session, newestSecrets: () => vault?.values() ?? draft.secrets };
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

function draftOf(connection: Connection): Omit<ConnectionDraft, 'secrets'> {
  const { id, connector, config, allowPrivateNetwork } = connection;
  return { id, connector, config, allowPrivateNetwork };
}
