import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import connector from '../../connectors/salesforce/index.ts';
import { fixtureWorld } from '../../connectors/salesforce/twin/fixture-world.ts';
import twin from '../../connectors/salesforce/twin/index.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession, Egress } from '../../src/sdk/define-connector.ts';
import type { RunningTwin, TwinWorld } from '../../src/sdk/define-twin.ts';
import type { OracleEntry } from '../../src/sdk/twin-kit/oracle.ts';
import { loopbackEgress } from './egress.ts';
import { heldSecrets } from './held-secrets.ts';

/** Starts the Salesforce twin over a world, by default the small hand-made one. */
export function startSalesforce(world: TwinWorld = fixtureWorld()): Promise<RunningTwin> {
  return twin.start({ world, planted: [], port: 0, startAt: '2026-03-02T09:00:00Z', seed: 1 });
}

/** Opens the connector over the twin with the twin's own credentials, some of them changed. */
export function openSalesforce(
  running: RunningTwin,
  changes: {
    readonly config?: JsonObject;
    readonly secrets?: JsonObject;
    readonly egress?: Egress;
  } = {},
): Promise<ConnectorSession> {
  const { config, secrets } = running.credentials;
  return connector.open({
    connection: 'crm',
    config: connector.config.parse({ ...config, ...changes.config }),
    ...heldSecrets(connector.secrets.parse({ ...secrets, ...changes.secrets })),
    egress: changes.egress ?? loopbackEgress(),
    clock: systemClock(),
    logger: silentLogger,
  });
}

/** Calls the twin's control endpoint and returns its JSON; throws on a refusal. */
export async function control(
  running: RunningTwin,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const payload = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${running.control}${path}`, { method, ...payload });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

/** What the twin's witness saw applied. */
export async function oracleOf(running: RunningTwin): Promise<readonly OracleEntry[]> {
  return (await control(running, 'GET', '/oracle')) as readonly OracleEntry[];
}

/** An answer of the twin's own API, seen without the connector. */
export interface TwinAnswer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- a foreign body, looked at by the tests alone
  readonly body: any;
}

export const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

async function ask(url: string, init: RequestInit): Promise<TwinAnswer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const body: unknown = text === '' ? null : JSON.parse(text);
  return { status: response.status, headers: response.headers, body };
}

/** Calls the token endpoint. */
export function askToken(
  running: RunningTwin,
  form: Readonly<Record<string, string>>,
): Promise<TwinAnswer> {
  const body = new URLSearchParams(form);
  return ask(`${running.url}/services/oauth2/token`, { method: 'POST', body });
}

/** A JWT bearer assertion for the twin's own client, some of its claims changed. */
export async function assertionFor(
  running: RunningTwin,
  changes: { iss?: string; sub?: string; aud?: string; exp?: number; key?: string } = {},
): Promise<string> {
  const { config, secrets } = running.credentials;
  const { clientId, username } = config as { clientId: string; username: string };
  return await new SignJWT()
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(changes.iss ?? clientId)
    .setSubject(changes.sub ?? username)
    .setAudience(changes.aud ?? 'https://login.salesforce.com')
    .setExpirationTime(changes.exp ?? Math.floor(Date.now() / 1000) + 120)
    .sign(createPrivateKey(changes.key ?? secrets['privateKey'] ?? ''));
}

/** Signs in and returns a way to call the REST API of the twin. */
export async function signIn(
  running: RunningTwin,
): Promise<
  (path: string, init?: { method?: string; body?: string; options?: string }) => Promise<TwinAnswer>
> {
  const assertion = await assertionFor(running);
  const { body } = await askToken(running, { grant_type: JWT_GRANT, assertion });
  const token = (body as { access_token: string }).access_token;
  return (path, init = {}) => {
    const { options, ...rest } = init;
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(options === undefined ? {} : { 'sforce-query-options': options }),
    };
    return ask(`${running.url}${path}`, { ...rest, headers });
  };
}

/** A fresh RSA key that no connected app knows. */
export function foreignKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return privateKey;
}
