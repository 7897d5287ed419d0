import { appendAudit } from '../../audit/audit-log.ts';
import {
  addConnection as add,
  listConnections,
  saveChecks,
  takenName,
} from '../../intake/connections.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import { setSchedule } from '../../queue/schedules.ts';
import type { Caller } from '../../security/caller.ts';
import { sealHookSecrets } from '../../security/hook-secrets.ts';
import { sealSecrets } from '../../security/secrets.ts';
import { connectionView, type ConnectionView } from '../connection-view.ts';
import type { Deps } from '../deps.ts';
import { connectorOf } from '../connector-of.ts';
import { splitSecrets } from '../split-secrets.ts';
import { trial, type TrialOptions } from '../trial.ts';
import { tryConnection } from '../try-connection.ts';
import { validateDraft } from '../validate-draft.ts';

/** How often a new connection is read by itself; a push or a person reads it at once. */
const PULL_EVERY_SECONDS = 300;

export interface NewConnection extends TrialOptions {
  readonly name: string;
  readonly connector: string;
  readonly config: JsonObject;
  /** What the connector's secrets are, and `webhookSecret` if it shall take pushes. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly allowPrivateNetwork: boolean;
}

/**
 * Adds a connection, read-only, after signing in with it; its secrets are sealed. When the trial fails nothing is
 * kept, unless forced. Throws ValidationError for settings that do not fit or when nothing can be read, NotFoundError for an unknown connector,
 * StaleError for a taken name, ForbiddenError for a private address, AuthExpired and RemoteUnavailable from the trial.
 */
export async function addConnection(
  deps: Deps,
  caller: Caller,
  input: NewConnection,
): Promise<ConnectionView> {
  const connector = connectorOf(deps.registry, input.connector);
  const { own, hook } = splitSecrets(input.secrets);
  await requireFree(deps, caller, input.name);
  const draft = { ...input, id: input.name, secrets: own };
  validateDraft(deps.registry, draft);
  const tried = await trial(draft.id, input, (options) => tryConnection(deps, draft, options));
  return await deps.store.withTenant(caller.tenantId, async (tx) => {
    const added = await add(tx, { ...draft, role: connector.role });
    await sealSecrets(tx, deps.kek, added.id, tried?.secrets ?? own);
    await sealHookSecrets(tx, deps.kek, added.id, hook ?? []);
    await setSchedule(tx, {
      job: 'pull',
      key: added.id,
      payload: { connection: added.id },
      everySeconds: PULL_EVERY_SECONDS,
    });
    const connection = tried === null ? added : await saveChecks(tx, added.id, tried.checks);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'connection.added',
      subject: { type: 'connection', id: added.id },
      details: {
        connector: added.connector,
        allowPrivateNetwork: added.allowPrivateNetwork,
        secretFields: Object.keys(input.secrets),
      },
    });
    return await connectionView(tx, connection);
  });
}

/** Before anything is tried: a login at the vendor for a name that is taken would be for nothing. */
async function requireFree(deps: Deps, caller: Caller, name: string): Promise<void> {
  const taken = await deps.store.readTenant(caller.tenantId, async (tx) =>
    (await listConnections(tx)).find((each) => each.id === name),
  );
  if (taken !== undefined) throw takenName(taken);
}
