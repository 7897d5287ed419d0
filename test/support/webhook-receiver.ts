import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call as it came in. */
export interface ReceivedCall {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is answered to a call: a status, with headers perhaps, or nothing at all. */
export type Reply = number | { readonly status: number; readonly headers: Readonly<Record<string, string>> } | 'hang' | 'reset'; // prettier-ignore

export interface WebhookReceiver {
  readonly url: string;
  readonly calls: ReceivedCall[];
  /** Answers from now on, by path; 204 where nothing else is said. */
  answer(reply: (call: ReceivedCall) => Reply): void;
  /** Breaks the calls that hang. */
  release(): void;
  close(): Promise<void>;
}

/** A real server that takes webhooks and answers as it is told. */
export async function startReceiver(): Promise<WebhookReceiver> {
  const calls: ReceivedCall[] = [];
  const hanging: ServerResponse[] = [];
  let decide: (call: ReceivedCall) => Reply = () => 204;
  const server = createServer((request, response) => {
    void take(request).then((call) => {
      calls.push(call);
      const answer = decide(call);
      if (answer === 'hang') hanging.push(response);
      else reply(response, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answer: (next) => void (decide = next),
    release: () => hanging.splice(0).forEach((response) => response.destroy()),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function take(request: IncomingMessage): Promise<ReceivedCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])); // prettier-ignore
  return { path: request.url ?? '', headers, body: Buffer.concat(chunks).toString('utf8') };
}

function reply(response: ServerResponse, answer: Exclude<Reply, 'hang'>): void {
  if (answer === 'reset') return void response.socket?.resetAndDestroy();
  const { status, headers } = typeof answer === 'number' ? { status: answer, headers: {} } : answer;
  response.writeHead(status, headers).end();
}
