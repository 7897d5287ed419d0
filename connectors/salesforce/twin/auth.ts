import { generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import * as z from 'zod';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import { refusalReply, vendorError } from './vendor-error.ts';

/** A connected app as the organisation's administrator set it up. */
export const TwinClient = z.object({
  clientId: z.string(),
  clientSecret: z.string().optional(),
  username: z.string(),
  publicKeyPem: z.string().optional(),
  /** A refresh token that a person's approval once gave to this client. */
  refreshToken: z.string().optional(),
  /** Each use of the refresh token ends it and gives the next one. */
  rotates: z.boolean().default(false),
});
export type TwinClient = z.infer<typeof TwinClient>;

const Header = z.object({ alg: z.literal('RS256') });
const Claims = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
});

const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const LOGIN_HOSTS = ['https://login.salesforce.com', 'https://test.salesforce.com'];

export interface TwinAuth {
  /** `POST /services/oauth2/token`. */
  token(request: TwinRequest, url: string): TwinReply;
  /** The 401 of a call without a live session; null when the session is good. */
  check(request: TwinRequest): TwinReply | null;
  expireTokens(): void;
  /** Back to the refresh tokens that the organisation started with. Sessions live on. */
  reset(): void;
  /** What `connections add` needs; the private key exists only where the sandbox made the pair itself. */
  readonly client: TwinClient;
  readonly privateKeyPem: string | null;
}

interface OAuthFault {
  readonly error: string;
  readonly error_description: string;
}

const fault = (error: string, description: string): OAuthFault => ({
  error,
  error_description: description,
});

function decode(part: string | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}

/**
 * Checks a JWT bearer assertion; the texts are the vendor's. An assertion is live while `exp` lies ahead of
 * the world's clock or of the real one: a rehearsal may move the world to another year, and the client
 * signs with its own clock.
 */
function checkAssertion(
  assertion: string,
  client: TwinClient,
  context: { readonly audiences: readonly string[]; readonly nowSeconds: number },
): OAuthFault | null {
  const [header, claims, signature] = assertion.split('.');
  const parsed = Claims.safeParse(decode(claims));
  if (!Header.safeParse(decode(header)).success || !parsed.success)
    return fault('invalid_grant', 'invalid assertion');
  const key = client.publicKeyPem;
  const signed = Buffer.from(`${header}.${claims}`);
  const genuine =
    key !== undefined &&
    verify('RSA-SHA256', signed, key, Buffer.from(signature ?? '', 'base64url'));
  if (!genuine) return fault('invalid_grant', 'invalid assertion');
  const audiences = [parsed.data.aud].flat();
  if (!audiences.some((each) => context.audiences.includes(each.replace(/\/$/, ''))))
    return fault('invalid_grant', 'audience is invalid');
  if (parsed.data.exp <= context.nowSeconds) return fault('invalid_grant', 'invalid assertion');
  if (parsed.data.sub !== client.username)
    return fault('invalid_grant', "user hasn't approved this consumer");
  return null;
}

/** Makes the key pair of the default client, unless the organisation brought certificates of its own. */
function withKeys(configured: readonly TwinClient[]): {
  readonly clients: readonly TwinClient[];
  readonly privateKeyPem: string | null;
} {
  const [first, ...rest] = configured;
  if (first === undefined || first.publicKeyPem !== undefined)
    return { clients: configured, privateKeyPem: null };
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return {
    clients: [{ ...first, publicKeyPem: pair.publicKey }, ...rest],
    privateKeyPem: pair.privateKey,
  };
}

const DEFAULT_CLIENT: TwinClient = {
  clientId: '3MVG9.TrueupSandbox',
  clientSecret: 'sandbox-client-secret',
  username: 'trueup@meridian.example',
  refreshToken: 'sandbox-refresh-token',
  rotates: false,
};

interface AuthOptions {
  readonly orgId: string;
  readonly clients: readonly TwinClient[];
  readonly now: () => Date;
  /** True while the organisation has revoked every token and grants no new one. */
  readonly isRevoked: () => boolean;
}

/** The refresh token of each client that has one, as it is now. */
type RefreshTokens = Map<string, string>;

/** What stands against a JWT bearer grant; null when nothing does. */
function refuseAssertion(
  form: URLSearchParams,
  url: string,
  options: AuthOptions,
): OAuthFault | null {
  const assertion = form.get('assertion') ?? '';
  const claims = Claims.safeParse(decode(assertion.split('.')[1]));
  if (!claims.success) return fault('invalid_grant', 'invalid assertion');
  const client = options.clients.find((each) => each.clientId === claims.data.iss);
  if (client === undefined) return fault('invalid_client_id', 'client identifier invalid');
  const nowSeconds = Math.min(Date.now(), options.now().getTime()) / 1000;
  return checkAssertion(assertion, client, { audiences: [url, ...LOGIN_HOSTS], nowSeconds });
}

function refuseGrant(
  form: URLSearchParams,
  url: string,
  options: AuthOptions,
  refreshTokens: RefreshTokens,
): OAuthFault | null {
  const grant = form.get('grant_type');
  if (options.isRevoked()) return fault('invalid_grant', 'expired access/refresh token');
  if (grant === JWT_GRANT) return refuseAssertion(form, url, options);
  const client = options.clients.find((each) => each.clientId === form.get('client_id'));
  if (client === undefined) return fault('invalid_client_id', 'client identifier invalid');
  const holds = (expected: string | undefined, name: string): boolean =>
    expected !== undefined && expected === form.get(name);
  if (grant === 'client_credentials') {
    const fits = holds(client.clientSecret, 'client_secret');
    return fits ? null : fault('invalid_client', 'invalid client credentials');
  }
  if (grant !== 'refresh_token') return fault('unsupported_grant_type', 'grant type not supported');
  const fits = holds(refreshTokens.get(client.clientId), 'refresh_token');
  return fits ? null : fault('invalid_grant', 'expired access/refresh token');
}

/** The next refresh token of a client whose tokens rotate; nothing else gives one: the client asks again. */
function rotate(
  form: URLSearchParams,
  options: AuthOptions,
  refreshTokens: RefreshTokens,
): { readonly refresh_token?: string } {
  const client = options.clients.find((each) => each.clientId === form.get('client_id'));
  if (form.get('grant_type') !== 'refresh_token' || client?.rotates !== true) return {};
  const next = `5Aep861${randomBytes(24).toString('base64url')}`;
  refreshTokens.set(client.clientId, next);
  return { refresh_token: next };
}

function tokenReply(
  options: AuthOptions,
  url: string,
  tokens: { readonly access_token: string; readonly refresh_token?: string },
): TwinReply {
  return {
    status: 200,
    body: {
      ...tokens,
      signature: randomBytes(32).toString('base64'),
      scope: 'api refresh_token',
      instance_url: url,
      id: `${url}/id/${options.orgId}/005000000000001AAA`,
      token_type: 'Bearer',
      issued_at: String(options.now().getTime()),
    },
  };
}

/** The organisation's token endpoint and its live sessions. */
export function createAuth(given: AuthOptions): TwinAuth {
  const configured = given.clients.length > 0 ? given.clients : [DEFAULT_CLIENT];
  const { clients, privateKeyPem } = withKeys(configured);
  const options = { ...given, clients };
  const sessions = new Set<string>();
  const refreshTokens: RefreshTokens = new Map();
  const reset = (): void => {
    for (const { clientId, refreshToken } of clients)
      if (refreshToken !== undefined) refreshTokens.set(clientId, refreshToken);
  };
  reset();
  return {
    client: clients[0] ?? DEFAULT_CLIENT,
    privateKeyPem,
    token: (request, url) => {
      const form = new URLSearchParams(request.rawBody.toString('utf8'));
      const refusal = refuseGrant(form, url, options, refreshTokens);
      if (refusal !== null) return { status: 400, body: { ...refusal } };
      const accessToken = `${options.orgId}!${randomBytes(24).toString('base64url')}`;
      sessions.add(accessToken);
      const rotated = rotate(form, options, refreshTokens);
      return tokenReply(options, url, { access_token: accessToken, ...rotated });
    },
    check: (request) => {
      if (options.isRevoked()) sessions.clear();
      const [scheme, token] = (request.headers['authorization'] ?? '').split(' ');
      if ((scheme === 'Bearer' || scheme === 'OAuth') && sessions.has(token ?? '')) return null;
      return refusalReply(401, vendorError('INVALID_SESSION_ID', 'Session expired or invalid'));
    },
    expireTokens: () => sessions.clear(),
    reset,
  };
}
