import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError, messageOf } from '../kernel/errors.ts';
import { createApp } from './create-app.ts';
import type { HttpDeps } from './http-deps.ts';
import { loadRoutes } from './load-routes.ts';

export interface RunningServer {
  /** The address as a client on this machine reaches it. */
  readonly url: string;
  /** Takes no new requests, lets running ones end within `graceMs`, then cuts the rest. */
  close(graceMs: number): Promise<void>;
}

/** Serves the API. Port 0 takes a free one. Throws a ConfigError when the address cannot be bound. */
export async function startServer(
  deps: HttpDeps,
  address: { readonly host: string; readonly port: number },
): Promise<RunningServer> {
  const server = createServer(createApp(deps, await loadRoutes()));
  // Behind Node's defaults of 5 minutes: a request that trickles in may not hold a socket for long.
  server.requestTimeout = 60_000;
  server.headersTimeout = 20_000;
  server.keepAliveTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new ConfigError(
          `The API cannot listen on ${address.host}:${address.port}: ${messageOf(error)}. Set TRUEUP_HOST and TRUEUP_PORT.`,
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
