import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import axios, {
  AxiosError,
  type AxiosAdapter,
  type AxiosInstance,
  type CreateAxiosDefaults,
  type InternalAxiosRequestConfig,
} from 'axios';
import { ForbiddenError, HubError, RemoteUnavailable } from '../kernel/errors.ts';
import type { Egress } from '../sdk/define-connector.ts';
import {
  guardedAgents,
  guardedLookup,
  type ConnectPolicy,
  type GuardedAgents,
} from './guarded-agents.ts';
import { hostName, isLiteral, requireAddress, requireUrl } from './host-policy.ts';
import { createSlots, type Slots } from './slots.ts';

export interface EgressOptions extends ConnectPolicy {
  /** One call from its first byte to the last of its answer, a slow trickle included; milliseconds. */
  readonly timeoutMs: number;
  /** Bytes of an answer after decompression. */
  readonly maxResponseBytes: number;
  /** Calls in flight at most; further ones wait. */
  readonly concurrency?: number;
  /** Every call that was allowed passes through it, outside of its own time limit; a budget holds or refuses it there. */
  readonly gate?: <T>(call: () => Promise<T>) => Promise<T>;
  /** Whether the call that is asked for now goes before those that wait for a slot. */
  readonly goesFirst?: () => boolean;
  /** Told of each call that the guard refused: somebody's settings or names lead where they must not. */
  readonly onRefusal?: (error: ForbiddenError) => void;
  /** Told how long each call took that was sent, however it ended; the wait for a slot is not part of it. */
  readonly observe?: (seconds: number) => void;
}

const DEFAULT_CONCURRENCY = 8;
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;

/**
 * The way out for one connection. Every request is checked twice: its URL before it is sent, and its socket where
 * it is opened (host declared, address resolved, classified and pinned). No redirect is followed, no proxy taken
 * from the environment, no local socket opened, no certificate left unchecked. A refusal is a ForbiddenError.
 */
export function createEgress(options: EgressOptions): Egress {
  const concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
  const slots = createSlots(concurrency);
  const agents = guardedAgents(options, concurrency);
  return {
    http: (defaults) => guardedAxios(options, agents, slots, defaults),
    assertAllowed: (text) => assertAllowed(options, text),
    lookup: (hostname, lookupOptions, callback) => {
      const wanted =
        typeof lookupOptions === 'object' && lookupOptions !== null ? lookupOptions : {};
      guardedLookup(options, true)(hostname, wanted, callback);
    },
  };
}

async function assertAllowed(policy: ConnectPolicy, text: string): Promise<void> {
  const url = requireUrl(policy, text);
  const name = hostName(url.hostname);
  if (isLiteral(name)) return;
  const addresses = await resolved(policy, name).catch((error: unknown) => {
    throw new RemoteUnavailable(
      `The host ${name} has no address. Check its spelling and the network.`,
      {
        cause: error,
      },
    );
  });
  for (const each of addresses)
    requireAddress(policy, name, each.address, url.protocol === 'https:');
}

function resolved({ resolver = dnsLookup }: ConnectPolicy, name: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    resolver(name, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

function guardedAxios(
  options: EgressOptions,
  agents: GuardedAgents,
  slots: Slots,
  defaults: CreateAxiosDefaults,
): AxiosInstance {
  const send = axios.getAdapter('http');
  const { gate } = options;
  const guarded: AxiosAdapter = async (config) => {
    requireUrl(options, axios.getUri(config));
    const call = () =>
      timed(options, () => sendInTime(options, send, forced(options, agents, config)));
    return await slots.run(gate === undefined ? call : () => gate(call), {
      first: options.goesFirst?.() ?? false,
    });
  };
  const adapter: AxiosAdapter = async (config) => {
    try {
      return await guarded(config);
    } catch (error) {
      if (error instanceof ForbiddenError) options.onRefusal?.(error);
      throw error;
    }
  };
  const instance = axios.create({ ...defaults, adapter });
  // A request's own config would win over the defaults; this runs last and wins over both.
  instance.interceptors.request.use((config) => Object.assign(config, { adapter }));
  return instance;
}

/** A copy of the request with everything set that no caller may change. A lower limit of the caller's own stays. */
function forced(
  options: EgressOptions,
  agents: GuardedAgents,
  config: InternalAxiosRequestConfig,
): InternalAxiosRequestConfig {
  const sent: InternalAxiosRequestConfig = {
    ...config,
    ...agents,
    httpVersion: 1,
    insecureHTTPParser: false,
    maxRedirects: 0,
    proxy: false,
    socketPath: null,
    timeout: lower(config.timeout, options.timeoutMs),
    maxContentLength: lower(config.maxContentLength, options.maxResponseBytes),
    maxBodyLength: lower(config.maxBodyLength, MAX_REQUEST_BYTES),
  };
  delete sent.beforeRedirect;
  delete sent.family;
  delete sent.http2Options;
  delete sent.lookup;
  delete sent.transport;
  return sent;
}

function lower(wanted: number | undefined, limit: number): number {
  return wanted !== undefined && wanted > 0 ? Math.min(wanted, limit) : limit;
}

async function timed<T>({ observe }: EgressOptions, send: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await send();
  } finally {
    observe?.((performance.now() - startedAt) / 1000);
  }
}

/** axios' own timeout is for silence only; an answer that trickles in for ever is cut off here. */
async function sendInTime(
  options: EgressOptions,
  send: AxiosAdapter,
  config: InternalAxiosRequestConfig,
) {
  const deadline = AbortSignal.timeout(lower(config.timeout, options.timeoutMs));
  const own = config.signal instanceof AbortSignal ? [config.signal] : [];
  try {
    return await send({ ...config, signal: AbortSignal.any([deadline, ...own]) });
  } catch (error) {
    const refusal = hubErrorIn(error);
    if (refusal !== null) throw refusal;
    if (!deadline.aborted) throw error;
    throw new AxiosError(`No full answer within ${config.timeout} ms.`, 'ETIMEDOUT', config);
  }
}

function hubErrorIn(thrown: unknown): HubError | null {
  for (let each = thrown, depth = 0; each instanceof Error && depth < 5; depth += 1) {
    if (each instanceof HubError) return each;
    each = each.cause;
  }
  return null;
}
