import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import {
  liveConnection,
  saveChecks,
  updateConnection,
  type Connection,
} from '../../intake/connections.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { ConnectionCheck } from '../../sdk/define-connector.ts';
import type { Caller } from '../../security/caller.ts';
import { openSecrets } from '../../security/secrets.ts';
import { connectionView, type ConnectionView } from '../connection-view.ts';
import type { Deps } from '../deps.ts';
import { connectorOf } from '../connector-of.ts';
import { trial, type TrialOptions } from '../trial.ts';
import { tryStored } from '../try-connection.ts';
import { validateDraft } from '../validate-draft.ts';
import { wakeDelivery } from '../wake-delivery.ts';
import { wakeReads } from '../park-stream.ts';

export interface ConnectionChange extends Partial<TrialOptions> {
  readonly id: string;
  readonly mode?: Connection['mode'] | undefined;
  readonly paused?: boolean | undefined;
  /** Settings to change; the others stay, and null takes one away. */
  readonly config?: JsonObject | undefined;
  readonly allowPrivateNetwork?: boolean | undefined;
}

interface Changed {
  readonly config: JsonObject;
  readonly allowPrivateNetwork: boolean;
  readonly checks: readonly ConnectionCheck[] | null;
}

/**
 * Opens a connection for writing or closes it, pauses or resumes it, or changes its settings after the trial that
 * adding one makes: when it fails everything stays as it was, unless forced. Throws NotFoundError, and what adding does.
 */
export async function changeConnection(
  deps: Deps,
  caller: Caller,
  input: ConnectionChange,
): Promise<ConnectionView> {
  const changed = await tried(deps, caller, input);
  const view = await deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await liveConnection(tx, input.id);
    refuseUnwritable(deps, before, input.mode);
    const after = await store(tx, before, input, changed);
    await wakeDelivery(deps, tx, after);
    await wakeReads(deps, tx, after);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'connection.changed',
      subject: { type: 'connection', id: input.id },
      details: { before: told(before, changed), after: told(after, changed) },
    });
    return await connectionView(tx, after);
  });
  if (changed !== null) await deps.sessions.drop(caller.tenantId, input.id);
  return view;
}

/** Throws ValidationError where writing is asked of a connector that can only read. */
function refuseUnwritable(
  deps: Deps,
  connection: Connection,
  mode: Connection['mode'] | undefined,
): void {
  if (mode !== 'read-write') return;
  if (connectorOf(deps.registry, connection.connector).writers.length > 0) return;
  throw new ValidationError(
    `The connection "${connection.id}" stays read-only: the connector ${connection.connector} writes nothing.`,
  );
}

/** Null when the settings stay. */
async function tried(deps: Deps, caller: Caller, input: ConnectionChange): Promise<Changed | null> {
  if (input.config === undefined && input.allowPrivateNetwork === undefined) return null;
  const stored = await deps.store.readTenant(caller.tenantId, async (tx) => ({
    ...(await liveConnection(tx, input.id)),
    secrets: await openSecrets(tx, deps.kek, input.id),
  }));
  const draft = {
    ...stored,
    config: merged(stored.config, input.config ?? {}),
    allowPrivateNetwork: input.allowPrivateNetwork ?? stored.allowPrivateNetwork,
  };
  validateDraft(deps.registry, draft);
  const { check = true, force = false } = input;
  const done = await trial(draft.id, { check, force }, async (options) => ({
    checks: await tryStored(deps, caller.tenantId, draft, options),
  }));
  const checks = done?.checks ?? null;
  return { config: draft.config, allowPrivateNetwork: draft.allowPrivateNetwork, checks };
}

function merged(before: JsonObject, change: JsonObject): JsonObject {
  const all = Object.entries({ ...before, ...change });
  return Object.fromEntries(all.filter(([, value]) => value !== null));
}

async function store(
  tx: TenantTx,
  before: Connection,
  input: ConnectionChange,
  changed: Changed | null,
): Promise<Connection> {
  const status =
    input.paused === undefined ? undefined : input.paused ? 'paused' : statusOf(before);
  const after = await updateConnection(tx, input.id, {
    mode: input.mode,
    status,
    config: changed?.config,
    allowPrivateNetwork: changed?.allowPrivateNetwork,
  });
  const checks = changed?.checks ?? null;
  return checks === null ? after : await saveChecks(tx, input.id, checks);
}

function told(connection: Connection, changed: Changed | null): JsonObject {
  const { mode, status, config, allowPrivateNetwork } = connection;
  return changed === null ? { mode, status } : { mode, status, config, allowPrivateNetwork };
}

/** What a connection is when it is not paused: as its last check left it. */
function statusOf(connection: Connection): Connection['status'] {
  if (connection.status !== 'paused') return connection.status;
  const login = connection.checks.find((check) => check.name === 'login');
  if (connection.checkedAt === null) return 'unchecked';
  return login?.ok === false ? 'reauth_required' : 'ok';
}
