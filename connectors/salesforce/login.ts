import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Connection } from 'jsforce/lib/connection.js';
import type { ConnectorContext } from '../../src/sdk/define-connector.ts';
import { AuthExpired, ValidationError, type HubError } from '../../src/sdk/kernel.ts';
import { translateError } from './errors.ts';
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

async function grantOf(context: SalesforceContext): Promise<Grant> {
  if (context.config.grant === 'jwt')
    return { grant_type: JWT_GRANT, assertion: await signAssertion(context) };
  const { clientSecret } = context.secrets;
  if (clientSecret === undefined)
    throw new ValidationError(
      'The client_credentials grant of this connection lacks clientSecret. Set it, or choose grant=jwt.',
    );
  return {
    grant_type: 'client_credentials',
    client_id: context.config.clientId,
    client_secret: clientSecret,
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

/** Logs one connection in and keeps it logged in. A JWT grant gives no refresh token: it is asked again. */
export function createLogin(context: SalesforceContext): Login {
  let pending: Promise<void> | null = null;
  let renewedInVain = false;
  let failure: HubError | null = null;

  const authorize = async (connection: Connection): Promise<void> => {
    await context.egress.assertAllowed(tokenOriginOf(context.config));
    try {
      await connection.authorize(await grantOf(context));
    } catch (error) {
      throw translateError(error, 'logging in');
    }
    await context.egress.assertAllowed(connection.instanceUrl);
  };
  const renewOnce = async (connection: Connection): Promise<void> => {
    if (renewedInVain) {
      throw new AuthExpired(
        'Salesforce refuses a session that it has just given out. Check the login addresses, the IP restrictions and the API access of the integration user.',
      );
    }
    renewedInVain = true;
    await authorize(connection);
  };

  return {
    ensure: async (connection) => {
      pending ??= authorize(connection);
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
        await renewOnce(connection);
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
