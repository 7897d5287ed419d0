import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import express, { type Response } from 'express';
import { whenOver } from './when-over.ts';

let server: Server;
afterEach(() => void server.close());

/** Serves one handler, and gives a socket that has sent a request to it. */
async function asked(handle: (response: Response) => unknown) {
  const app = express();
  app.get('/', (_request, response) => void handle(response));
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  return socket;
}

test('what a request holds is given back though its caller left before it was taken', async () => {
  const released = Promise.withResolvers<string>();

  const socket = await asked(async (response) => {
    socket.destroy();
    await once(response, 'close');
    whenOver(response)(() => released.resolve('released'));
  });

  expect(await released.promise).toBe('released');
});

test('what a request holds is kept while its work goes on, and given back though the work fails', async () => {
  const work = Promise.withResolvers<never>();
  const left = Promise.withResolvers<void>();
  const order: string[] = [];
  const released = Promise.withResolvers<void>();

  const socket = await asked(async (response) => {
    response.locals['work'] = work.promise;
    whenOver(response)(() => {
      order.push('released');
      released.resolve();
    });
    socket.destroy();
    await once(response, 'close');
    left.resolve();
  });
  await left.promise;
  await new Promise((done) => setTimeout(done, 20));
  order.push('failed');
  work.reject(new Error('no'));
  await released.promise;

  expect(order).toEqual(['failed', 'released']);
});
