import { AuthExpired, ForbiddenError } from '../kernel/errors.ts';
import type { ConnectionCheck, ConnectorSession } from '../sdk/define-connector.ts';
import { createEgress } from '../security/egress.ts';
import type { Deps } from './deps.ts';
import { connectorOf } from './connector-of.ts';
import type { ConnectionDraft } from './open-session.ts';
import { validateDraft } from './validate-draft.ts';

/** What became of a trial. */
export interface Tried {
  readonly checks: readonly ConnectionCheck[];
  /** The draft's secrets by now: a login may have renewed them, and the vendor has forgotten the former ones. */
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Opens a connection that is not stored, or is to get other secrets, runs its checks and lets go of it. Throws
 * ValidationError for settings or secrets that do not fit and ForbiddenError for an address that the egress guard refuses.
 * With `mustLogin` a login that fails is thrown as what it is (RemoteUnavailable, AuthExpired …); else it is a failed check.
 */
export async function tryConnection(
  deps: Pick<Deps, 'sessions' | 'registry'>,
  draft: ConnectionDraft,
  options: { readonly mustLogin: boolean },
): Promise<Tried> {
  validateDraft(deps.registry, draft);
  await requireAllowedHosts(deps, draft);
  const session = await deps.sessions.openDraft(draft);
  const checks = await checksOf(deps, draft, session, options);
  return { checks, secrets: session.newestSecrets() };
}

/** Like `tryConnection` with the secrets that are stored: what a login renews of them is stored at once. */
export async function tryStored(
  deps: Pick<Deps, 'sessions' | 'registry'>,
  tenantId: string,
  draft: ConnectionDraft,
  options: { readonly mustLogin: boolean },
): Promise<readonly ConnectionCheck[]> {
  validateDraft(deps.registry, draft);
  await requireAllowedHosts(deps, draft);
  const session = await deps.sessions.openTrial(tenantId, draft);
  return await checksOf(deps, draft, session, options);
}

async function checksOf(
  deps: Pick<Deps, 'registry'>,
  draft: ConnectionDraft,
  session: ConnectorSession,
  options: { readonly mustLogin: boolean },
): Promise<readonly ConnectionCheck[]> {
  try {
    const checks = await session.check();
    const login = checks.find((check) => check.name === 'login');
    if (options.mustLogin && login?.ok === false) await throwCause(deps, draft, session, login);
    return checks;
  } finally {
    await session.close();
  }
}

/** A check tells of a refused address as of any failed login; asked here, it is an error of its own. */
async function requireAllowedHosts(
  deps: Pick<Deps, 'registry'>,
  draft: ConnectionDraft,
): Promise<void> {
  const connector = connectorOf(deps.registry, draft.connector);
  const hosts = connector.hosts(connector.config.parse(draft.config));
  const egress = createEgress({
    ...connector.limits,
    hosts,
    allowPrivateNetwork: draft.allowPrivateNetwork,
  });
  for (const host of hosts.filter((each) => !each.startsWith('*'))) {
    await egress
      .assertAllowed(`https://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}/`)
      .catch((error: unknown) => {
        // That a name has no address is for the login to find: not every host is needed by every way to sign in.
        if (error instanceof ForbiddenError) throw error;
      });
  }
}

/** A check holds the words of a failure but not its kind, so the simplest call is made once more for its error. */
async function throwCause(
  deps: Pick<Deps, 'registry'>,
  draft: ConnectionDraft,
  session: ConnectorSession,
  login: ConnectionCheck,
): Promise<never> {
  const [stream] = connectorOf(deps.registry, draft.connector).streams;
  if (stream !== undefined) await session.describe(stream.name);
  throw new AuthExpired(`"${draft.id}" cannot sign in: ${login.detail} ${login.fix ?? ''}`.trim());
}
