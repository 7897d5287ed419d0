import type { Connection } from 'jsforce/lib/connection.js';
import * as z from 'zod';
import { RemoteRejected } from '../../src/sdk/kernel.ts';
import { translateError } from './errors.ts';
import type { Login } from './login.ts';
import type { GuardedTransport } from './transport.ts';

export interface RawCall {
  /** For error messages, as in "fetching rows of Opportunity". */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  /** From the root of the instance, such as `/cometd/67.0`. */
  readonly path: string;
  /** The content type that counts as an answer. */
  readonly accept: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the wait for an answer. */
  readonly signal?: AbortSignal | undefined;
}

export interface RawReply {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends a call through the connection's own transport and login; throws one of the five remote errors. */
export type RawCalls = (call: RawCall) => Promise<RawReply>;

const VendorErrors = z.array(z.object({ errorCode: z.string(), message: z.string() })).min(1);

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

function refusalOf(status: number, body: string): Refusal {
  const parsed = VendorErrors.safeParse(jsonOf(body));
  const first = parsed.success ? parsed.data[0] : undefined;
  const code = first?.errorCode ?? `ERROR_HTTP_${status}`;
  return { status, code, message: first?.message ?? `status ${status}` };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Gone for good: the thing that a call names is not there, or not any more. */
export function isGone(error: unknown): boolean {
  return error instanceof RemoteRejected && error.details['code'] === 'NOT_FOUND';
}

/** How a connection makes calls of this kind. A session that has ended is renewed once, as for every other call. */
export function createRawCalls(link: {
  readonly connection: Connection;
  readonly transport: GuardedTransport;
  readonly login: Login;
}): RawCalls {
  const { connection, transport, login } = link;
  const send = async (call: RawCall): Promise<RawReply | Refusal> => {
    const { what, method, path, accept, signal, body } = call;
    const headers = { ...call.headers, authorization: `Bearer ${connection.accessToken ?? ''}` };
    const url = `${connection.instanceUrl}${path}`;
    const request = { method, url, headers, ...(body === undefined ? {} : { body }) };
    try {
      const reply = await transport.text(request, { accept, signal });
      return reply.statusCode < 300 ? reply : refusalOf(reply.statusCode, reply.body);
    } catch (error) {
      throw translateError(error, what);
    }
  };
  return async (call) => {
    await login.ensure(connection);
    let reply = await send(call);
    if ('status' in reply && reply.status === 401) {
      await login.renew(connection).catch((error: unknown) => {
        throw login.takeFailure() ?? translateError(error, call.what);
      });
      reply = await send(call);
    }
    if (!('status' in reply)) {
      login.succeeded();
      return reply;
    }
    const { code, message } = reply;
    throw translateError(Object.assign(new Error(message), { errorCode: code }), call.what);
  };
}
