import type { AxiosInstance } from 'axios';
import type { ConnectorContext, ConnectorLimits } from '../../src/sdk/define-connector.ts';
import { baseUrlOf, realmOf, type Config, type Secrets } from './config.ts';
import {
  garbled,
  networkError,
  remoteError,
  tooLate,
  wasNeverSent,
  type Answer,
} from './errors.ts';
import { sendWhenFree } from './busy.ts';
import { joinAccount, pause, type Governor } from './governor.ts';
import { parseLossless } from './lossless-json.ts';
import { createLogin, type Login } from './login.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Below `/services/rest`, with its query: the signature covers the query too. */
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is asked, for messages: "read salesOrder". */
  readonly what: string;
  /** A read changes nothing and may be sent once more when the connection was refused. */
  readonly read: boolean;
  /** Not sent after this moment of `performance.now()`: whoever waits for the outcome has given up by its end. */
  readonly startBefore?: number;
}

/** NetSuite's REST services behind one login. Every answer that comes out of here is a 2xx one. */
export interface NetSuiteClient {
  /** Throws one of the remote errors. A write that got no answer throws RemoteUnavailable and is never sent again. */
  call(call: Call): Promise<Answer>;
  /** Makes sure that there is a login to sign the next call with. Throws AuthExpired and its like. */
  login(): Promise<void>;
  close(): void;
}

function parseBody(text: string, contentType: string): unknown {
  if (text === '') return null;
  if (!/json/i.test(contentType)) return undefined;
  try {
    return parseLossless(text);
  } catch {
    return undefined;
  }
}

interface Wire {
  readonly http: AxiosInstance;
  readonly login: Login;
  readonly governor: Governor;
  readonly base: string;
}

async function send(wire: Wire, call: Call, authorization: string): Promise<Answer> {
  if (call.startBefore !== undefined && performance.now() > call.startBefore)
    throw tooLate(call.what);
  const reply = await wire.http
    .request<string>({
      url: `${wire.base}/services/rest${call.path}`,
      method: call.method,
      headers: {
        accept: 'application/json',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
        authorization,
      },
      ...(call.body === undefined ? {} : { data: call.body }),
    })
    .catch((error: unknown) => {
      throw networkError(error, call.what);
    });
  const type = reply.headers['content-type'];
  return {
    status: reply.status,
    headers: reply.headers,
    body: parseBody(reply.data ?? '', typeof type === 'string' ? type : ''),
  };
}

const OVERLOAD_PAUSE_MS = 1000;

/**
 * Sends with an Authorization header at hand. A 401 changes nothing at NetSuite, so a new login is tried; and, since
 * an account under load answers "Invalid login attempt" to good credentials (julbrs/netsuite-api-client#26), after a
 * pause another. Credentials count as refused once two fresh logins were, or when no login is given at all.
 */
async function sendLoggedIn(wire: Wire, call: Call): Promise<Answer> {
  const url = `${wire.base}/services/rest${call.path}`;
  const attempt = async (): Promise<readonly [Answer, string]> => {
    const header = await wire.login.header(call.method, url);
    return [await send(wire, call, header), header];
  };
  const startedAt = performance.now();
  const [first, known] = await attempt();
  if (first.status !== 401) return first;
  wire.login.forget(known);
  const [second, fresh] = await attempt();
  if (second.status !== 401) return second;
  wire.login.forget(fresh);
  wire.governor.refused(startedAt);
  await pause(OVERLOAD_PAUSE_MS);
  const [last] = await attempt();
  return last;
}

async function sendRead(wire: Wire, call: Call): Promise<Answer> {
  try {
    return await sendLoggedIn(wire, call);
  } catch (error) {
    if (!wasNeverSent(error)) throw error;
    return await sendLoggedIn(wire, call);
  }
}

/** Opens a client. Throws a ValidationError when the connection lacks what its login needs; calls nothing yet. */
export function createClient(
  context: ConnectorContext<Config, Secrets>,
  limits: ConnectorLimits,
): NetSuiteClient {
  const { config, secrets, clock, egress } = context;
  const http = egress.http({
    timeout: config.timeoutSeconds * 1000,
    maxContentLength: limits.maxResponseBytes,
    maxRedirects: 0,
    responseType: 'text',
    // Answers stay text: axios would read figures as floats.
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
  });
  const base = baseUrlOf(config);
  const login = createLogin({ config, secrets, http, clock });
  const { governor, leave } = joinAccount(`${base} ${realmOf(config)}`, config.concurrency);
  const wire: Wire = { http, login, base, governor };
  return {
    login: async () => {
      await wire.login.header('GET', wire.base);
    },
    call: async (call) => {
      const answer = await sendWhenFree(governor, clock, () =>
        call.read ? sendRead(wire, call) : sendLoggedIn(wire, call),
      );
      if (answer.status < 200 || answer.status > 299)
        throw remoteError(answer, call.what, clock.now());
      if (answer.body === undefined) throw garbled(call.what, 'it is no JSON');
      return answer;
    },
    close: leave,
  };
}
