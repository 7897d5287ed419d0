import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction } from 'node:net';
import { PassThrough, type Duplex } from 'node:stream';
import {
  hostName,
  isLiteral,
  requireAddress,
  requireHost,
  type HostPolicy,
} from './host-policy.ts';

/** Turns a name into all its addresses. */
export type Resolver = (
  hostname: string,
  options: { readonly all: true; readonly family?: number | 'IPv4' | 'IPv6' | undefined },
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** Where connections may go, and how names become addresses: by the system's own resolver, unless told otherwise. */
export interface ConnectPolicy extends HostPolicy {
  readonly resolver?: Resolver;
}

type Created = ((error: Error | null, stream: Duplex) => void) | undefined;

export interface GuardedAgents {
  readonly httpAgent: http.Agent;
  readonly httpsAgent: https.Agent;
}

/**
 * Resolves a name and hands on its addresses only if the policy allows every one of them. Given to the socket
 * itself, so what was checked is what is connected to: a name cannot change in between.
 */
export function guardedLookup(policy: ConnectPolicy, secure: boolean): LookupFunction {
  const resolve: Resolver = policy.resolver ?? dnsLookup;
  return (hostname, options, callback) => {
    resolve(hostName(hostname), { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const refused = firstRefusal(policy, hostname, addresses, secure);
      if (refused !== null) return callback(refused, []);
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses;
      return callback(null, first?.address ?? '', first?.family);
    });
  };
}

function firstRefusal(
  policy: HostPolicy,
  hostname: string,
  addresses: readonly LookupAddress[],
  secure: boolean,
): Error | null {
  try {
    requireHost(policy, hostname);
    for (const each of addresses) requireAddress(policy, hostname, each.address, secure);
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** What is wrong with a connection that an agent is asked for; null if it may be made. */
function refuseConnection(
  policy: HostPolicy,
  options: http.ClientRequestArgs,
  secure: boolean,
): Error | null {
  if (typeof options.socketPath === 'string')
    return new Error('Connections to local sockets are refused.');
  const name = hostName(options.host ?? options.hostname ?? '');
  const literal = isLiteral(name) ? [{ address: name, family: 0 }] : [];
  return firstRefusal(policy, name, literal, secure);
}

/** An agent that checks each connection where it is made, below every library that might rewrite the URL. */
class GuardedHttpAgent extends http.Agent {
  readonly #policy: ConnectPolicy;

  constructor(policy: ConnectPolicy, options: http.AgentOptions) {
    super(options);
    this.#policy = policy;
  }

  override createConnection(
    options: http.ClientRequestArgs,
    created?: Created,
  ): Duplex | null | undefined {
    const refused = refuseConnection(this.#policy, options, false);
    if (refused === null) {
      return super.createConnection(
        { ...options, lookup: guardedLookup(this.#policy, false) },
        created,
      );
    }
    // Thrown here, it would escape to nobody when the agent connects for a request that had to wait.
    created?.(refused, new PassThrough());
    return undefined;
  }
}

class GuardedHttpsAgent extends https.Agent {
  readonly #policy: ConnectPolicy;

  constructor(policy: ConnectPolicy, options: https.AgentOptions) {
    super(options);
    this.#policy = policy;
  }

  override createConnection(
    options: https.RequestOptions,
    created?: Created,
  ): Duplex | null | undefined {
    const refused = refuseConnection(this.#policy, options, true);
    if (refused === null) {
      return super.createConnection(
        { ...options, lookup: guardedLookup(this.#policy, true) },
        created,
      );
    }
    created?.(refused, new PassThrough());
    return undefined;
  }
}

/** A pair of keep-alive agents under one policy. Certificates are always checked. */
export function guardedAgents(policy: ConnectPolicy, maxSockets: number): GuardedAgents {
  const options = {
    keepAlive: true,
    maxSockets,
    maxFreeSockets: maxSockets,
    scheduling: 'lifo',
  } as const;
  return {
    httpAgent: new GuardedHttpAgent(policy, options),
    httpsAgent: new GuardedHttpsAgent(policy, { ...options, rejectUnauthorized: true }),
  };
}
