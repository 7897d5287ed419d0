import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Json } from '../../kernel/hash.ts';
import type { Faults } from './faults.ts';

export interface TwinRequest {
  readonly method: string;
  /** Path without the query, percent-decoding left to the twin. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Buffer;
}

export interface TwinReply {
  readonly status: number;
  /** A repeated header is an array. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Text and bytes go out as they are, anything else as JSON; null is an empty body. */
  readonly body: Json | Buffer;
}

export type TwinHandler = (request: TwinRequest) => Promise<TwinReply> | TwinReply;

export interface TwinServer {
  readonly url: string;
  stop(): Promise<void>;
}

const MAX_BODY = 128 * 1024 * 1024;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error('The request body is larger than 128 MiB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function parse(request: IncomingMessage): Promise<TwinRequest> {
  const url = new URL(request.url ?? '/', 'http://twin');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  ); // prettier-ignore
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    rawBody: await readBody(request),
  };
}

function encode(body: TwinReply['body']): Buffer {
  if (body === null) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function send(response: ServerResponse, reply: TwinReply, cut = false): void {
  const bytes = encode(reply.body);
  const headers: Record<string, string | string[]> = {
    'content-type': 'application/json;charset=UTF-8',
  };
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    headers[name.toLowerCase()] = typeof value === 'string' ? value : [...value];
  }
  if (reply.status !== 204) headers['content-length'] = String(bytes.length);
  response.writeHead(reply.status, headers);
  if (!cut) {
    response.end(reply.status === 204 ? undefined : bytes);
    return;
  }
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)));
  setImmediate(() => response.destroy());
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: {
    readonly handler: TwinHandler;
    readonly faults: Faults;
    readonly onExpireToken: () => void;
  },
): Promise<void> {
  const parsed = await parse(request);
  const isControl = parsed.path.startsWith('/__twin');
  const fault = isControl ? undefined : options.faults.next(parsed.method, parsed.path);
  if (fault?.action === 'refuse' || fault?.action === 'reset_before')
    return void request.socket.destroy();
  if (fault?.action === 'status') return send(response, { status: fault.status ?? 503, body: 'Service Unavailable', headers: { 'content-type': 'text/plain' } }); // prettier-ignore
  if (fault?.action === 'expire_token') options.onExpireToken();
  if (fault?.delayMs !== undefined) await delay(fault.delayMs);
  const reply = await options.handler(parsed);
  if (fault?.action === 'apply_then_reset') return void request.socket.destroy();
  if (fault?.action === 'apply_then_hang') return;
  if (fault?.action === 'malformed_json')
    return send(response, { ...reply, body: '{"records":[{' });
  send(response, reply, fault?.action === 'truncate_body');
}

/** Starts a twin's HTTP server on the loopback address. A handler that throws answers 500 with the message. */
export async function startTwinServer(options: {
  readonly port: number;
  readonly handler: TwinHandler;
  readonly faults: Faults;
  readonly onExpireToken: () => void;
}): Promise<TwinServer> {
  const server: Server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      const message = error instanceof Error ? error.message : String(error);
      send(response, { status: 500, body: { twinError: message } });
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}
