import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { TwinReply, TwinRequest } from './exchange.ts';
import { answerOnWire, type WireOptions, type WireStream } from './wire-faults.ts';

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

/** Sends until the body or the client's patience ends, never faster than the client reads. */
async function pour(response: ServerResponse, stream: WireStream): Promise<void> {
  response.writeHead(200, { ...stream.headers });
  const left = new Promise<void>((done) => {
    response.once('close', done);
  });
  for (const chunk of stream.chunks) {
    if (response.destroyed) return;
    const isFull = !response.write(chunk);
    if (isFull) await Promise.race([once(response, 'drain').catch(() => undefined), left]);
    if (stream.pauseMs > 0)
      await Promise.race([delay(stream.pauseMs, undefined, { ref: false }), left]);
  }
  response.end();
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: Omit<WireOptions, 'sleep'>,
): Promise<void> {
  const outcome = await answerOnWire(await parse(request), { ...options, sleep: delay });
  if (outcome.kind === 'hang') return;
  if (outcome.kind === 'reset') request.socket.destroy();
  else if (outcome.kind === 'stream') await pour(response, outcome.stream);
  else send(response, outcome.reply, outcome.kind === 'cut');
}

/** Starts a twin's HTTP server on the loopback address. A handler that throws answers 500 with the message. */
export async function startTwinServer(options: {
  readonly port: number;
  readonly wire: Omit<WireOptions, 'sleep'>;
}): Promise<TwinServer> {
  const server: Server = createServer((request, response) => {
    answer(request, response, options.wire).catch((error: unknown) => {
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
