import axios, { AxiosError, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';
import type { Egress } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import type { TwinReply, TwinRequest } from '../../src/sdk/twin-kit/exchange.ts';
import type { WireOutcome } from '../../src/sdk/twin-kit/wire-faults.ts';
import { atVendor } from './clocks.ts';
import { Crash, currentWorker, pauseWorker } from './schedule.ts';
import { virtualTime } from './virtual-time.ts';

/** What happens around a call, by the seed. */
export interface WireEvents {
  /** How long the call takes, in milliseconds. */
  latency(request: TwinRequest): number;
  /** The request as the vendor gets it. */
  shape(request: TwinRequest): TwinRequest;
  /** Just before the vendor sees it: the world may change, a worker may die. */
  before(request: TwinRequest): Promise<void>;
  /** The answer has come. */
  after(request: TwinRequest, outcome: string): void;
}

/** An egress whose every call reaches a twin of this process, without a socket and by the schedule's leave. */
export function simulatedEgress(twin: RunningTwin, events: WireEvents): Egress {
  const adapter: AxiosAdapter = async (config) => {
    const request = events.shape(requestOf(config));
    await pauseWorker(events.latency(request));
    await events.before(request);
    refuseDead();
    const outcome = await atVendor(() => twin.ask(request, pauseWorker));
    events.after(request, outcome.kind === 'reply' ? String(outcome.reply.status) : outcome.kind);
    refuseDead();
    return await answerOf(outcome, config);
  };
  return {
    http: (defaults) => axios.create({ ...defaults, adapter }),
    assertAllowed: async () => undefined,
    lookup: (hostname, _options, callback) => callback(new Error(`${hostname} is simulated.`), ''),
  };
}

function refuseDead(): void {
  const worker = currentWorker();
  if (worker?.dead === true) throw new Crash(`${worker.name} is dead.`);
}

function requestOf(config: InternalAxiosRequestConfig): TwinRequest {
  const url = new URL(axios.getUri(config));
  const headers = Object.fromEntries(
    Object.entries(config.headers.toJSON()).map(([name, value]) => [name.toLowerCase(), String(value)]),
  ); // prettier-ignore
  return {
    method: (config.method ?? 'get').toUpperCase(),
    path: url.pathname,
    query: url.searchParams,
    headers: { ...headers, host: url.host },
    rawBody: bodyOf(config.data),
  };
}

function bodyOf(data: unknown): Buffer {
  if (data === undefined || data === null) return Buffer.alloc(0);
  if (Buffer.isBuffer(data)) return data;
  if (data instanceof URLSearchParams) return Buffer.from(data.toString());
  if (typeof data === 'string') return Buffer.from(data);
  throw new Error('The simulated wire carries text and bytes only.');
}

async function answerOf(outcome: WireOutcome, config: InternalAxiosRequestConfig) {
  if (outcome.kind === 'reply') return settled(outcome.reply, config);
  if (outcome.kind === 'hang') {
    await pauseWorker(config.timeout ?? 120_000);
    throw new AxiosError('No full answer in time.', 'ETIMEDOUT', config);
  }
  if (outcome.kind === 'stream')
    throw new AxiosError('maxContentLength size exceeded', 'ERR_BAD_RESPONSE', config);
  throw new AxiosError('socket hang up', 'ECONNRESET', config);
}

function settled({ status, headers = {}, body }: TwinReply, config: InternalAxiosRequestConfig) {
  const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const isBytes = Buffer.isBuffer(body);
  const text = isBytes || typeof body === 'string' ? String(body) : JSON.stringify(body);
  const response = {
    status,
    statusText: '',
    headers: {
      'content-type': 'application/json;charset=UTF-8',
      date: new Date(virtualTime.now()).toUTCString(),
      ...Object.fromEntries(lowered),
    },
    data: body === null ? '' : text,
    config,
    request: {},
  };
  if (config.validateStatus?.(status) !== false) return response;
  throw new AxiosError(`Status ${status}`, 'ERR_BAD_REQUEST', config, {}, response);
}
