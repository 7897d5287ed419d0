import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError, messageOf } from '../kernel/errors.ts';
import { consolePages } from './console-pages.ts';
import { createApp } from './create-app.ts';
import type { HttpDeps } from './http-deps.ts';
import { loadRoutes } from './load-routes.ts';
import { routes as probes } from './routes/probes.ts';

export interface RunningServer {
  /** The address as a client on this machine reaches it. */
  readonly url: string;
  /** Takes no new requests, lets running ones end within `graceMs`, then cuts the rest. */
  close(graceMs: number): Promise<void>;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Serves the API. Port 0 takes a free one. Throws a ConfigError when the address cannot be bound. */
export async function startServer(deps: HttpDeps, address: Address): Promise<RunningServer> {
  const closing = new AbortController();
  const app = createApp(deps, await loadRoutes(), closing.signal, consolePages());
  const server = await listen(app, address, 'TRUEUP_HOST and TRUEUP_PORT');
  return {
    url: server.url,
    close: async (graceMs) => {
      // Those who follow a run would hold the server open until the end of the grace.
      closing.abort();
      await server.close(graceMs);
    },
  };
}

/** Serves only whether the process lives and can work, and its figures, to this machine alone. Port 0 takes a free one. Throws a ConfigError for a port that is taken. */
export async function startProbeServer(deps: HttpDeps, port: number): Promise<RunningServer> {
  return await listen(createApp(deps, probes), { host: '127.0.0.1', port }, 'TRUEUP_METRICS_PORT');
}

async function listen(
  app: RequestListener,
  address: Address,
  variables: string,
): Promise<RunningServer> {
  const server = createServer(app);
  // Behind Node's defaults of 5 minutes: a request that trickles in may not hold a socket for long.
  server.requestTimeout = 60_000;
  server.headersTimeout = 20_000;
  server.keepAliveTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new ConfigError(
          `Trueup cannot listen on ${address.host}:${address.port}: ${messageOf(error)}. Set ${variables}.`,
          { cause: error },
        ),
      );
    });
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${reachable(address.host)}:${port}`,
    close: async (graceMs) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
