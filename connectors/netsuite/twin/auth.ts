import { randomBytes } from 'node:crypto';
import {
  decodeProtectedHeader,
  errors,
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  jwtVerify,
} from 'jose';
import * as z from 'zod';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import { readPublicKey } from '../pem-key.ts';
import { createTba, type TbaClient } from './tba.ts';

/** Signature algorithms of the client-credentials flow (NetSuite help, section 162790605110). RS256 is not one. */
const ALGORITHMS = ['PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];
export const TOKEN_PATH = '/services/rest/auth/oauth2/v1/token';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const HOUR = 3600;

export const M2mClient = z.object({
  clientId: z.string(),
  certificateId: z.string(),
  publicKeyPem: z.string(),
  alg: z.string().optional(),
});
export type M2mClient = z.infer<typeof M2mClient>;

/** The client that the twin itself makes at its start, with the key that nobody else has. */
export interface OwnClient extends M2mClient {
  readonly privateKeyPem: string;
}

export interface TwinAuth {
  token(request: TwinRequest, base: string): Promise<TwinReply>;
  /** True if the request carries a live token or a valid TBA signature. */
  admits(request: TwinRequest, base: string): boolean;
  expireTokens(): void;
}

/** An EC key pair and its client: what an administrator sets up on the M2M page. */
export async function createOwnClient(): Promise<OwnClient> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  return {
    clientId: randomBytes(32).toString('hex'),
    certificateId: randomBytes(16).toString('base64url'),
    publicKeyPem: await exportSPKI(publicKey),
    privateKeyPem: await exportPKCS8(privateKey),
    alg: 'ES256',
  };
}

const refuse = (error: string): TwinReply => ({
  status: 400,
  headers: { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-store' },
  body: { error },
});

/** Checks a client assertion; gives the OAuth error that it earns, or null. Throws jose's errors on a bad token. */
function assertionCheck(
  clients: readonly M2mClient[],
): (assertion: string, audience: string) => Promise<string | null> {
  const keys = new Map(
    clients.map((client) => [client.certificateId, readPublicKey(client.publicKeyPem)]),
  );
  return async (assertion, audience) => {
    const { kid, alg } = decodeProtectedHeader(assertion);
    if (kid === undefined || alg === undefined || !ALGORITHMS.includes(alg))
      return 'invalid_request';
    const client = clients.find((known) => known.certificateId === kid);
    const key = keys.get(kid);
    if (client === undefined || key === undefined) return 'invalid_client';
    const { payload } = await jwtVerify(assertion, key, {
      algorithms: ALGORITHMS,
      issuer: client.clientId,
      audience,
      requiredClaims: ['iss', 'aud', 'iat', 'exp', 'scope'],
    });
    if ((payload.exp ?? 0) - (payload.iat ?? 0) > HOUR) return 'invalid_client';
    const scopes = [payload['scope']]
      .flat()
      .flatMap((scope) => (typeof scope === 'string' ? scope.split(/[ ,]+/) : []));
    return scopes.includes('rest_webservices') ? null : 'invalid_scope';
  };
}

/**
 * The token endpoint and the guard of every other path. Token life and assertion times run on the machine's
 * clock, not on the twin's business clock: a caller's credentials do not travel in time with the sample company.
 * When `isRevoked` says so, every token is gone for good, and none is given meanwhile.
 */
export function createAuth(
  clients: readonly M2mClient[],
  tba: readonly TbaClient[],
  realm: string,
  isRevoked: () => boolean,
): TwinAuth {
  const tokens = new Map<string, number>();
  const signed = createTba(tba, realm);
  const verify = assertionCheck(clients);
  const refusesAll = (): boolean => {
    const isOver = isRevoked();
    if (isOver) tokens.clear();
    return isOver;
  };

  return {
    token: async (request, base) => {
      // Assertions are judged by the machine's clock, so the answer is dated by it.
      const dated = (reply: TwinReply): TwinReply => ({ ...reply, headers: { ...reply.headers, date: new Date().toUTCString() } }); // prettier-ignore
      const form = new URLSearchParams(request.rawBody.toString('utf8'));
      if (request.method !== 'POST') return refuse('invalid_request');
      if (refusesAll()) return refuse('invalid_grant');
      if (form.get('grant_type') !== 'client_credentials')
        return refuse(form.has('grant_type') ? 'unsupported_grant_type' : 'invalid_request');
      const assertion = form.get('client_assertion');
      if (form.get('client_assertion_type') !== ASSERTION_TYPE || assertion === null)
        return refuse('invalid_request');
      const failure = await verify(assertion, `${base}${TOKEN_PATH}`).catch((error: unknown) =>
        error instanceof errors.JOSEError &&
        !(error instanceof errors.JWTInvalid) &&
        !(error instanceof errors.JWSInvalid)
          ? 'invalid_client'
          : 'invalid_request',
      );
      if (failure !== null) return dated(refuse(failure));
      const token = randomBytes(48).toString('base64url');
      tokens.set(token, Date.now() + HOUR * 1000);
      return {
        status: 200,
        headers: { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-store' },
        // The vendor gives the lifetime as text.
        body: { access_token: token, expires_in: String(HOUR), token_type: 'bearer' },
      };
    },
    admits: (request, base) => {
      if (refusesAll()) return false;
      const header = request.headers['authorization'] ?? '';
      if (/^OAuth /i.test(header)) return signed.verifies(request, base);
      const token = /^Bearer (.+)$/i.exec(header)?.[1];
      return token !== undefined && (tokens.get(token) ?? 0) > Date.now();
    },
    expireTokens: () => tokens.clear(),
  };
}
