import type { AxiosInstance } from 'axios';
import { parseExactJson } from '../../src/sdk/exact-json.ts';
import { isObject, networkFailure } from '../../src/sdk/json-client.ts';
import { AuthExpired, RemoteUnavailable, type Clock, type Json } from '../../src/sdk/kernel.ts';
import type { GraphConfig, GraphSecrets } from './config.ts';

/** A token that is good for so long is renewed before it ends. */
const EARLY_MS = 60_000;

/** The client credentials grant: a token for the app itself, without a user (Microsoft identity platform). */
export interface Login {
  header(): Promise<string>;
  /** Drops the token in use; true if there was one. */
  forget(): boolean;
}

interface Token {
  readonly value: string;
  readonly expiresAt: number;
}

export function createLogin(options: {
  readonly http: AxiosInstance;
  readonly config: GraphConfig;
  readonly secrets: GraphSecrets;
  readonly clock: Clock;
}): Login {
  let pending: Promise<Token> | null = null;
  const mint = (): Promise<Token> => {
    const asked = requestToken(options);
    pending = asked;
    asked.catch(() => {
      if (pending === asked) pending = null;
    });
    return asked;
  };
  return {
    header: async () => {
      const known = await (pending ?? mint());
      const good = known.expiresAt - EARLY_MS > options.clock.now().getTime();
      const { value } = good ? known : await mint();
      return `Bearer ${value}`;
    },
    forget: () => {
      const had = pending !== null;
      pending = null;
      return had;
    },
  };
}

async function requestToken({ http, config, secrets, clock }: Parameters<typeof createLogin>[0]) {
  const url = `${config.loginUrl}/${config.tenantId}/oauth2/v2.0/token`;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: config.clientId,
    client_secret: secrets.clientSecret,
    scope: `${config.graphUrl}/.default`,
  });
  const reply = await http
    .post<string>(url, form.toString(), {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    .catch((error: unknown) => {
      throw networkFailure(error, 'Microsoft’s login', '/oauth2/v2.0/token');
    });
  const body = parsed(reply.data);
  if (reply.status === 400 || reply.status === 401) {
    const code = isObject(body) && typeof body['error'] === 'string' ? body['error'] : `status ${reply.status}`; // prettier-ignore
    throw new AuthExpired(
      `Microsoft refused the login (${code}). Check directory, client id and client secret; a secret runs out on its own date.`,
    );
  }
  const token = isObject(body) ? body['access_token'] : undefined;
  if (reply.status !== 200 || typeof token !== 'string')
    throw new RemoteUnavailable(
      `Microsoft’s login answered ${reply.status} without a token. Try again later.`,
    );
  const seconds = isObject(body) ? Number(body['expires_in'] ?? 3600) : 3600;
  return { value: token, expiresAt: clock.now().getTime() + seconds * 1000 };
}

function parsed(text: string): Json {
  try {
    return parseExactJson(text);
  } catch {
    return null;
  }
}
