import { callbackify } from 'node:util';
import { Connection } from 'jsforce/lib/connection.js';
import type * as z from 'zod';
import { RemoteUnavailable } from '../../src/sdk/kernel.ts';
import { translateError } from './errors.ts';
import { createLogin, tokenOriginOf, type Login, type SalesforceContext } from './login.ts';
import { createRawCalls, type RawCalls } from './raw-calls.ts';
import { QueryReply } from './schema.ts';
import { clockOf } from './source-clocks.ts';
import { GuardedTransport, type HeardAnswer } from './transport.ts';

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
  login(): Promise<void>;
  /** A call whose answer is not an answer of the REST API: a table of rows, a message of the event bus. */
  readonly raw: RawCalls;
  readonly apiVersion: string;
  /** How our writes name themselves: the origin of a change that we made ourselves begins with it. */
  readonly callerName: string;
  /** The address of the instance, known after the login. */
  readonly origin: string;
}

/** What a call goes through. */
interface Link {
  readonly connection: Connection;
  readonly transport: GuardedTransport;
  readonly login: Login;
  now(): Date;
}

/** Sent with every call (`Sforce-Call-Options`); the organisation shows it as `changeOrigin` of what the call changed. */
function callerNameOf({ connection }: SalesforceContext): string {
  return `Trueup-${connection}`;
}

const API_USAGE = /api-usage=(\d+)\/(\d+)/;

/** What every answer tells beside its content: the source's time, and its own count of our calls. */
function learn(context: SalesforceContext, answer: HeardAnswer): void {
  const { headers, origin, sent, received } = answer;
  const shown = Date.parse(headers['date'] ?? '');
  if (!Number.isNaN(shown)) clockOf(origin).hear({ shown, sent, received });
  const [, used, limit] = API_USAGE.exec(headers['sforce-limit-info'] ?? '') ?? [];
  if (used !== undefined && limit !== undefined)
    context.reportUsage({ used: Number(used), limit: Number(limit) });
}

/** A jsforce connection whose every request goes through our own transport. */
function connect(context: SalesforceContext): Link {
  const { config, egress } = context;
  const http = egress.http({
    timeout: TIMEOUT_MS,
    maxContentLength: MAX_RESPONSE_BYTES,
    maxBodyLength: MAX_RESPONSE_BYTES,
  });
  const transport = new GuardedTransport(
    http,
    () => context.clock.now(),
    (answer) => learn(context, answer),
  );
  const login = createLogin(context);
  const loginUrl = tokenOriginOf(config);
  const connection = new Connection({
    loginUrl,
    instanceUrl: config.instanceUrl ?? config.loginUrl,
    version: config.apiVersion,
    oauth2: { loginUrl },
    callOptions: { client: callerNameOf(context) },
    refreshFn: callbackify((expired: Connection) => login.renew(expired)),
  });
  connection._transport = transport;
  connection.oauth2._transport = transport;
  return { connection, transport, login, now: () => context.clock.now() };
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
    throw login.takeFailure() ?? translateError(error, what, link.now());
  }
  login.succeeded();
  const parsed = schema.safeParse(reply);
  if (parsed.success) return parsed.data;
  throw new RemoteUnavailable(
    `Salesforce answered something that is not an answer of its API while ${what}. Try again; if it stays, check the API version.`,
    { cause: parsed.error },
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
    login: () => link.login.ensure(link.connection),
    raw: createRawCalls(link),
    apiVersion: context.config.apiVersion,
    callerName: callerNameOf(context),
    get origin() {
      return link.connection.instanceUrl;
    },
  };
}
