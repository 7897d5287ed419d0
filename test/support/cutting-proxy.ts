import { createServer, connect, type Socket } from 'node:net';

/** What becomes of a COMMIT: it reaches the server and its answer is lost, or it never does. */
export type Cut = 'answer' | 'commit';

/** A way to PostgreSQL that is cut when a transaction commits. */
export interface CuttingProxy {
  /** The URL of the store, by way of the proxy. */
  readonly url: string;
  /** How many commits were cut off. */
  readonly cuts: () => Readonly<Record<Cut, number>>;
  /** No more cuts. */
  heal(): void;
  stop(): Promise<void>;
}

/** A simple query `commit`, as the driver sends it. */
const COMMIT = Buffer.from('Q\0\0\0\x0bcommit\0', 'latin1');

/** Starts it before a store; `choose` is asked at each commit whether it is cut, and how. */
export async function startCuttingProxy(
  databaseUrl: string,
  choose: () => Cut | null,
): Promise<CuttingProxy> {
  const target = new URL(databaseUrl);
  const cuts = { answer: 0, commit: 0 };
  const sockets = new Set<Socket>();
  let isHealed = false;
  const server = createServer((client) => {
    const store = connect({ host: target.hostname, port: Number(target.port) });
    for (const socket of [client, store]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        if (socket === store || !store.writableEnded) store.end();
      });
    }
    store.pipe(client);
    client.on('data', (chunk: Buffer) => {
      const cut = !isHealed && chunk.includes(COMMIT) ? choose() : null;
      if (cut !== 'commit') store.write(chunk);
      if (cut === null) return;
      cuts[cut] += 1;
      store.unpipe(client);
      client.destroy();
    });
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    url: url.href,
    cuts: () => cuts,
    heal: () => {
      isHealed = true;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((done) => {
        server.close(() => done());
      });
    },
  };
}
