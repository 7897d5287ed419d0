import { createHmac, randomUUID, type KeyObject } from 'node:crypto';
import type { AxiosInstance } from 'axios';
import { SignJWT } from 'jose';
import OAuth from 'oauth-1.0a';
import {
  AuthExpired,
  RemoteUnavailable,
  ValidationError,
  type Clock,
} from '../../src/sdk/kernel.ts';
import { baseUrlOf, realmOf, type Config, type Secrets } from './config.ts';
import { garbled, networkError, remoteError } from './errors.ts';
import { member, parseLossless } from './lossless-json.ts';
import { readPrivateKey } from './pem-key.ts';

/** How a request proves who asks. */
export interface Login {
  /** The Authorization header for one request; mints a token when none is at hand. */
  header(method: string, url: string): Promise<string>;
  /** Drops what the last header was made of, if it still is in use. */
  forget(header: string): void;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

function required<T>(value: T | undefined, name: string, mode: string): T {
  if (value !== undefined && value !== '') return value;
  throw new ValidationError(
    `The NetSuite connection has no ${name}, which ${mode} needs. Add it to the connection.`,
  );
}

/** The key and the signature algorithm that goes with it (NetSuite help, section 162790605110). */
function readKey(pem: string): { readonly key: KeyObject; readonly alg: string } {
  let key: KeyObject;
  try {
    key = readPrivateKey(pem);
  } catch {
    throw new ValidationError(
      'The privateKey of the NetSuite connection is not an unencrypted PEM private key. Give the key of the uploaded certificate.',
    );
  }
  if (key.asymmetricKeyType === 'rsa') return { key, alg: 'PS256' };
  const alg = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (alg !== undefined) return { key, alg };
  throw new ValidationError(
    'The privateKey of the NetSuite connection is neither RSA nor EC on P-256, P-384 or P-521; NetSuite takes no other.',
  );
}

interface LoginOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly http: AxiosInstance;
  readonly clock: Clock;
}

interface Token {
  readonly header: string;
  readonly expiresAt: number;
}

/** An assertion is valid for so long, in seconds. */
const VALID_S = 300;

/**
 * An assertion that a wrong clock has dated is refused like a wrong key. It is this machine's fault, so it parks no connection
 * that other machines use (F-60). What counts is the clock by which it was dated, in seconds: it may have been set right since.
 * Null where the vendor's own clock agrees, or is not told.
 */
function wrongClock(date: unknown, datedAt: number): RemoteUnavailable | null {
  const theirs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  const offBy = Math.round(datedAt - theirs / 1000);
  if (Number.isNaN(offBy) || Math.abs(offBy) < VALID_S) return null;
  return new RemoteUnavailable(
    `NetSuite refused the login, and the clock of this machine is ${Math.abs(offBy)} s ${offBy > 0 ? 'ahead of' : 'behind'} NetSuite's. Set the clock right.`,
  );
}

async function mint(options: LoginOptions, assertion: string, datedAt: number): Promise<Token> {
  const { http, clock, config } = options;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: assertion,
  });
  const what = 'log in';
  const reply = await http
    .post<string>(`${baseUrlOf(config)}/services/rest/auth/oauth2/v1/token`, form.toString(), {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    .catch((error: unknown) => {
      throw networkError(error, what);
    });
  let body: unknown = null;
  try {
    body = parseLossless(reply.data);
  } catch {
    if (reply.status < 400) throw garbled(what, 'it is no JSON');
  }
  const code = member(body, 'error');
  if (reply.status === 400 || reply.status === 401) {
    const wrong = code === 'invalid_client' ? wrongClock(reply.headers['date'], datedAt) : null;
    if (wrong !== null) throw wrong;
    throw new AuthExpired(`NetSuite refused the login (${typeof code === 'string' ? code : `status ${reply.status}`}). Check client id, certificate id, private key and the M2M mapping of this account.`); // prettier-ignore
  }
  if (reply.status !== 200)
    throw remoteError({ status: reply.status, headers: reply.headers, body }, what, clock.now());
  const token = member(body, 'access_token');
  if (typeof token !== 'string') throw garbled(what, 'it holds no access token');
  const seconds = Number(member(body, 'expires_in') ?? '3600');
  // A minute early: a token must not run out between here and there.
  return { header: `Bearer ${token}`, expiresAt: clock.now().getTime() + (seconds - 60) * 1000 };
}

function m2mLogin(options: LoginOptions): Login {
  const { config, secrets, clock } = options;
  const { key, alg } = readKey(required(secrets.privateKey, 'privateKey', 'auth=m2m'));
  const clientId = required(config.clientId, 'clientId', 'auth=m2m');
  const kid = required(config.certificateId, 'certificateId', 'auth=m2m');
  let current: Promise<Token> | null = null;
  let minted: Token | null = null;

  const fresh = async (): Promise<Token> => {
    const now = Math.floor(clock.now().getTime() / 1000);
    const assertion = await new SignJWT({ scope: 'rest_webservices' })
      .setProtectedHeader({ typ: 'JWT', alg, kid })
      .setIssuer(clientId)
      .setAudience(`${baseUrlOf(config)}/services/rest/auth/oauth2/v1/token`)
      .setIssuedAt(now)
      .setExpirationTime(now + VALID_S)
      .setJti(randomUUID())
      .sign(key);
    return await mint(options, assertion, now);
  };
  // Everybody who asks while a token is being minted waits for that one.
  const renew = (): Promise<Token> => {
    const pending = fresh();
    current = pending;
    pending.then(
      (token) => {
        if (current === pending) minted = token;
      },
      () => {
        if (current === pending) current = null;
      },
    );
    return pending;
  };
  return {
    header: async () => {
      const known = current;
      if (known !== null) {
        const token = await known;
        if (token.expiresAt > clock.now().getTime()) return token.header;
        if (current === known) current = null;
      }
      return (await (current ?? renew())).header;
    },
    forget: (header) => {
      if (minted?.header !== header) return;
      minted = null;
      current = null;
    },
  };
}

function tbaLogin({ config, secrets }: LoginOptions): Login {
  const consumer = {
    key: required(secrets.consumerKey, 'consumerKey', 'auth=tba'),
    secret: required(secrets.consumerSecret, 'consumerSecret', 'auth=tba'),
  };
  const token = {
    key: required(secrets.tokenId, 'tokenId', 'auth=tba'),
    secret: required(secrets.tokenSecret, 'tokenSecret', 'auth=tba'),
  };
  const oauth = new OAuth({
    consumer,
    realm: realmOf(config),
    signature_method: 'HMAC-SHA256',
    hash_function: (base, key) => createHmac('sha256', key).update(base).digest('base64'),
  });
  return {
    header: async (method, url) =>
      oauth.toHeader(oauth.authorize({ method, url }, token)).Authorization,
    forget: () => undefined,
  };
}

/** The login that the connection's `auth` asks for. Throws a ValidationError naming what is missing. */
export function createLogin(options: LoginOptions): Login {
  return options.config.auth === 'm2m' ? m2mLogin(options) : tbaLogin(options);
}
