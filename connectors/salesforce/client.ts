import { callbackify } from 'node:util';
import { Connection } from 'jsforce/lib/connection.js';
import type * as z from 'zod';
import { RemoteUnavailable } from '../../src/sdk/kernel.ts';
import { translateError } from './errors.ts';
import { createLogin, tokenOriginOf, type Login, type SalesforceContext } from './login.ts';
import { QueryReply } from './schema.ts';
import { GuardedTransport } from './transport.ts';

/** The limits that one connection keeps; `index.ts` declares them to the house. */
export const TIMEOUT_MS = 120_000;
export const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

export interface Call {
  /** For error messages, as in "reading Opportunity". */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the API version, such as `/limits`. */
  readonly path: string;
  readonly body?: unknown;
  /** Not sent after this moment of `performance.now()`: whoever waits for the outcome has given up by its end. */
  readonly startBefore?: number;
}

export interface SalesforceClient {
  /** One call, sent once (and once more after a new login if the session had ended). */
  call<T>(schema: z.ZodType<T>, call: Call): Promise<T>;
  /** The first page of a query; `queryAll`, so that deleted rows are seen too, where asked for. */
  query(soql: string, what: string, withDeleted: boolean): Promise<QueryReply>;
  /** The source's own time, cut to its second: the Date header of a call that costs nothing. */
  serverTime(): Promise<number>;
  login(): Promise<void>;
  /** The identity of the clock that `serverTime` reads. */
  readonly origin: string;
}

/** What a call goes through. */
interface Link {
  readonly connection: Connection;
  readonly transport: GuardedTransport;
  readonly login: Login;
}

/** A jsforce connection whose every request goes through our own transport. */
function connect(context: SalesforceContext): Link {
  const { config, egress } = context;
  const http = egress.http({
    timeout: TIMEOUT_MS,
    maxContentLength: MAX_RESPONSE_BYTES,
    maxBodyLength: MAX_RESPONSE_BYTES,
  });
  const transport = new GuardedTransport(http, () => context.clock.now());
  const login = createLogin(context);
  const loginUrl = tokenOriginOf(config);
  const connection = new Connection({
    loginUrl,
    instanceUrl: config.instanceUrl ?? config.loginUrl,
    version: config.apiVersion,
    oauth2: { loginUrl },
    refreshFn: callbackify((expired: Connection) => login.renew(expired)),
  });
  connection._transport = transport;
  connection.oauth2._transport = transport;
  return { connection, transport, login };
}

async function send<T>(link: Link, schema: z.ZodType<T>, call: Call): Promise<T> {
  const { connection, login } = link;
  const { what, method, path: url, body } = call;
  await login.ensure(connection);
  if (call.startBefore !== undefined && performance.now() > call.startBefore) {
    throw new RemoteUnavailable(
      `Salesforce was not called for ${what}: calls before it took too long. It is tried again later.`,
      { details: { sent: false } },
    );
  }
  const headers = { 'content-type': 'application/json' };
  const payload = body === undefined ? {} : { body: JSON.stringify(body), headers };
  let reply: unknown;
  try {
    reply = await connection.request({ method, url, ...payload });
  } catch (error) {
    throw login.takeFailure() ?? translateError(error, what);
  }
  login.succeeded();
  const parsed = schema.safeParse(reply);
  if (parsed.success) return parsed.data;
  throw new RemoteUnavailable(
    `Salesforce answered something that is not an answer of its API while ${what}. Try again; if it stays, check the API version.`,
    { cause: parsed.error },
  );
}

async function readServerTime({ connection, transport, login }: Link): Promise<number> {
  await login.ensure(connection);
  try {
    const url = `${connection.instanceUrl}/services/data`;
    const { headers } = await transport.httpRequest({ method: 'GET', url });
    const time = Date.parse(headers['date'] ?? '');
    if (!Number.isNaN(time)) return time;
  } catch (error) {
    throw translateError(error, 'asking for the time of the source');
  }
  throw new RemoteUnavailable(
    'Salesforce answered without a Date header, so the end of the read cannot be fixed. Check what stands between us and it.',
  );
}

/**
 * A jsforce connection behind the egress guard. Nothing is sent before the first call, which logs in.
 * Every failure is one of the five remote errors.
 */
export function createClient(context: SalesforceContext): SalesforceClient {
  const link = connect(context);
  return {
    call: (schema, call) => send(link, schema, call),
    query: (soql, what, withDeleted) => {
      const resource = withDeleted ? 'queryAll' : 'query';
      const path = `/${resource}?q=${encodeURIComponent(soql)}`;
      return send(link, QueryReply, { what, method: 'GET', path });
    },
    serverTime: () => readServerTime(link),
    login: () => link.login.ensure(link.connection),
    get origin() {
      return link.connection.instanceUrl;
    },
  };
}
