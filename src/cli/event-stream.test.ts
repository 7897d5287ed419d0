import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createApiClient, type ApiClient } from './api-client.ts';
import type { StreamEvent } from './event-stream.ts';

let server: Server;
let api: ApiClient;
/** What the server does with each connection in turn; the last one stays. */
let answers: ((response: ServerResponse) => void)[] = [];
let lastIds: unknown[] = [];

beforeEach(async () => {
  lastIds = [];
  server = createServer((request, response) => {
    lastIds.push(request.headers['last-event-id']);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  api = createApiClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key: 'tru_acme_x_y',
  });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const event = (id: number, name: string): string =>
  `id: ${id}\nevent: ${name}\ndata: {"at":${id}}\n\n`;
const problem = (status: number) => (response: ServerResponse) =>
  void response
    .writeHead(status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ detail: 'No such run.', code: 'not_found', status }));

async function all(): Promise<readonly StreamEvent[]> {
  const seen: StreamEvent[] = [];
  for await (const each of api.events('/runs/run_1/events')) seen.push(each);
  return seen;
}

describe('the events of a stream', () => {
  test('come one by one, wherever the network cuts them, and end with the end', async () => {
    answers = [
      (response) => {
        const text = `: alive\n\n${event(1, 'progress')}${event(2, 'end')}${event(3, 'progress')}`;
        for (const letter of text) response.write(letter);
      },
    ];

    expect(await all()).toEqual([
      { id: '1', event: 'progress', data: { at: 1 } },
      { id: '2', event: 'end', data: { at: 2 } },
    ]);
  });

  test('go on after the last one when the connection breaks, is refused for now, or ends early', async () => {
    answers = [
      (response) => {
        response.write(event(1, 'progress'));
        setTimeout(() => response.destroy(), 20);
      },
      problem(503),
      (response) => response.end(event(2, 'progress') + event(3, 'progress').slice(0, 9)),
      (response) => response.end(event(3, 'end')),
    ];

    const seen = await all();

    expect(seen.map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(lastIds).toEqual([undefined, '1', '1', '2']);
  });

  test('are not asked for again where the server says that there are none', async () => {
    answers = [problem(404)];

    await expect(all()).rejects.toMatchObject({ code: 'not_found', status: 404 });
    expect(lastIds).toHaveLength(1);
  });
});
