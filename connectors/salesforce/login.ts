import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Connection } from 'jsforce/lib/connection.js';
import * as z from 'zod';
import type { ConnectorContext } from '../../src/sdk/define-connector.ts';
import {
  AuthExpired,
  RemoteUnavailable,
  ValidationError,
  type HubError,
} from '../../src/sdk/kernel.ts';
import { translateError } from './errors.ts';
import { storedSession, withSession, type SharedSession } from './session-token.ts';
import type { SalesforceConfig, SalesforceSecrets } from './settings.ts';

export type SalesforceContext = ConnectorContext<SalesforceConfig, SalesforceSecrets>;

/** Salesforce accepts assertions that live up to three minutes. */
const ASSERTION_SECONDS = 170;
const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Who the assertion is for. Behind a My Domain address it is still the login host of its kind. */
function audienceOf(loginUrl: string): string {
  const { hostname } = new URL(loginUrl);
  if (hostname.endsWith('.sandbox.my.salesforce.com')) return 'https://test.salesforce.com';
  return hostname.endsWith('.my.salesforce.com') ? 'https://login.salesforce.com' : loginUrl;
}

async function signAssertion({ config, secrets, clock }: SalesforceContext): Promise<string> {
  const { privateKey } = secrets;
  const { username } = config;
  if (privateKey === undefined || username === undefined) {
    throw new ValidationError(
      'The jwt grant of this connection lacks username or privateKey. Set both, or choose grant=client_credentials.',
    );
  }
  const exp = Math.floor(clock.now().getTime() / 1000) + ASSERTION_SECONDS;
  return await new SignJWT()
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(config.clientId)
    .setSubject(username)
    .setAudience(audienceOf(config.loginUrl))
    .setExpirationTime(exp)
    .sign(createPrivateKey(privateKey));
}

type Grant = { grant_type: string; [name: string]: string };

function required(value: string | undefined, grant: string, name: string): string {
  if (value !== undefined) return value;
  throw new ValidationError(
    `The ${grant} grant of this connection lacks ${name}. Set it, or choose another grant.`,
  );
}

async function grantOf(context: SalesforceContext, secrets: SalesforceSecrets): Promise<Grant> {
  const { grant, clientId } = context.config;
  const { clientSecret, refreshToken } = secrets;
  if (grant === 'jwt') return { grant_type: JWT_GRANT, assertion: await signAssertion(context) };
  if (grant === 'client_credentials')
    return {
      grant_type: grant,
      client_id: clientId,
      client_secret: required(clientSecret, grant, 'clientSecret'),
    };
  return {
    grant_type: grant,
    client_id: clientId,
    refresh_token: required(refreshToken, grant, 'refreshToken'),
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
  };
}

/** Where the token is asked for: client credentials are served at the My Domain address only. */
export function tokenOriginOf({ grant, instanceUrl, loginUrl }: SalesforceConfig): string {
  return grant === 'client_credentials' ? (instanceUrl ?? loginUrl) : loginUrl;
}

export interface Login {
  /** Logs in before the first call; concurrent callers share one login. */
  ensure(connection: Connection): Promise<void>;
  /** What jsforce calls on a 401: gives a new token. */
  renew(connection: Connection): Promise<string>;
  /** The session has answered, so a later renewal is a new one. */
  succeeded(): void;
  /** Why the last renewal failed, once: jsforce keeps its text and loses its kind. */
  takeFailure(): HubError | null;
}

/** What the token endpoint gives; a refresh token only where they rotate. */
const Tokens = z.object({
  access_token: z.string().min(1),
  instance_url: z.url(),
  refresh_token: z.string().optional(),
});

/** Asks for a session, and takes it up only when whatever must outlive us has been saved. */
async function authorize(
  context: SalesforceContext,
  connection: Connection,
  secrets: SalesforceSecrets,
  save: (next: SalesforceSecrets) => Promise<void>,
): Promise<void> {
  const { config, egress } = context;
  await egress.assertAllowed(tokenOriginOf(config));
  const reply = await connection.oauth2.requestToken(await grantOf(context, secrets));
  const tokens = Tokens.safeParse(reply);
  if (!tokens.success)
    throw new RemoteUnavailable(
      'Salesforce answered the login with something that is no session. Check loginUrl.',
    );
  const { access_token: accessToken, instance_url: instanceUrl, refresh_token } = tokens.data;
  await egress.assertAllowed(instanceUrl);
  await save(
    withSession(config, secrets, { accessToken, instanceUrl, refreshToken: refresh_token }),
  );
  takeUp(connection, { accessToken, instanceUrl });
}

function takeUp(
  connection: Connection,
  { accessToken, instanceUrl }: Pick<SharedSession, 'accessToken' | 'instanceUrl'>,
): void {
  connection.accessToken = accessToken;
  connection.instanceUrl = instanceUrl;
}

/**
 * One login for all processes of the connection: under the vault's lock, another process's newer session is taken up,
 * and only without one Salesforce is asked (F-21). A new refresh token is stored before its session is used (F-08).
 * True if Salesforce was asked.
 */
async function shareLogin(context: SalesforceContext, connection: Connection): Promise<boolean> {
  return await context.vault.fresh(async (secrets, save) => {
    const stored = storedSession(context.config, secrets);
    if (stored !== null && stored.accessToken !== connection.accessToken) {
      await context.egress.assertAllowed(stored.instanceUrl);
      takeUp(connection, stored);
      return false;
    }
    await authorize(context, connection, secrets, save);
    return true;
  });
}

/** The first login. Where refresh tokens rotate, nobody may ask alone; the other grants cost nobody else a session. */
async function firstLogin(context: SalesforceContext, connection: Connection): Promise<void> {
  if (context.config.grant === 'refresh_token') {
    await shareLogin(context, connection);
    return;
  }
  await authorize(context, connection, context.secrets, async () => undefined);
}

/** Logs one connection in and keeps it logged in. */
export function createLogin(context: SalesforceContext): Login {
  let pending: Promise<void> | null = null;
  let renewing: Promise<void> | null = null;
  let renewedInVain = false;
  let failure: HubError | null = null;

  const translated = async (work: () => Promise<void>, what: string): Promise<void> => {
    try {
      await work();
    } catch (error) {
      throw translateError(error, what);
    }
  };
  const renewOnce = async (connection: Connection): Promise<void> => {
    if (renewedInVain) {
      // For this call that was one too many; the next one may find the vendor in a better mood.
      renewedInVain = false;
      throw new AuthExpired(
        'Salesforce refuses a session that it has just given out. Check the login addresses, the IP restrictions and the API access of the integration user.',
      );
    }
    if (await shareLogin(context, connection)) renewedInVain = true;
  };
  /** Calls that ran into the same end of a session wait for one renewal. */
  const renewTogether = (connection: Connection): Promise<void> => {
    renewing ??= translated(() => renewOnce(connection), 'renewing the session').finally(() => {
      renewing = null;
    });
    return renewing;
  };

  return {
    ensure: async (connection) => {
      pending ??= translated(() => firstLogin(context, connection), 'logging in');
      try {
        await pending;
      } catch (error) {
        pending = null;
        throw error;
      }
    },
    // jsforce asks for a new token on every 401, without end: one renewal has to be enough.
    renew: async (connection) => {
      try {
        await renewTogether(connection);
      } catch (error) {
        failure = translateError(error, 'renewing the session');
        throw failure;
      }
      return connection.accessToken ?? '';
    },
    succeeded: () => {
      renewedInVain = false;
    },
    takeFailure: () => {
      const taken = failure;
      failure = null;
      return taken;
    },
  };
}
