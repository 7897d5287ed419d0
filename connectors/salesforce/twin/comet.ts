import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import type { Faults } from '../../../src/sdk/twin-kit/faults.ts';
import type { TwinHandler, TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import type { TwinAuth } from './auth.ts';
import type { ChangeEvent, ChangeEvents } from './comet-events.ts';
import type { TwinObject } from './schema.ts';
import type { TwinState } from './state.ts';

const Message = z.looseObject({
  channel: z.string(),
  id: z.union([z.string(), z.number()]).optional(),
  clientId: z.string().optional(),
  subscription: z.union([z.string(), z.array(z.string()).length(1)]).optional(),
  ext: z.looseObject({ replay: z.record(z.string(), z.number()).optional() }).optional(),
  /** Bayeux lets a client say for how long its poll may be held, in milliseconds. */
  advice: z.looseObject({ timeout: z.number().nonnegative().optional() }).optional(),
});
type Message = z.infer<typeof Message>;

/** A client of the bus: what it listens to, and what waits for it. */
interface Client {
  readonly id: string;
  readonly cookie: string;
  readonly channels: Map<string, string>;
  queue: ChangeEvent[];
  connects: number;
  seenAt: number;
  /** Ends the long poll that is being held. */
  wake: (() => void) | null;
}

/** How long a poll is held without an event, as the vendor does; a client that is silent for longer is forgotten. */
const HOLD_MS = 110_000;
const FORGET_MS = 40_000;
/** Events in one answer at most. */
const BATCH = 500;
const NEW_ONLY = -1;
const ALL_RETAINED = -2;

export interface Comet {
  /** The twin's handler with the bus in front, and every other call as one transaction. */
  wrap(handler: TwinHandler): TwinHandler;
  reset(): void;
}

interface CometDeps {
  readonly state: Pick<TwinState, 'schema'>;
  readonly events: ChangeEvents;
  readonly auth: Pick<TwinAuth, 'check'>;
  readonly faults: Faults;
  readonly now: () => Date;
  readonly holdMs?: number;
}

/** `/data/OpportunityChangeEvent`, `/data/SBQQ__Quote__ChangeEvent`. */
export function channelOf(object: string): string {
  return `/data/${object.endsWith('__c') ? `${object.slice(0, -1)}ChangeEvent` : `${object}ChangeEvent`}`;
}

const answerTo = (message: Message, fields: JsonObject): JsonObject => ({
  channel: message.channel,
  ...(message.id === undefined ? {} : { id: message.id }),
  ...fields,
});

function refused(message: Message, error: string, reconnect?: 'none' | 'handshake'): JsonObject {
  const advice = reconnect === undefined ? {} : { advice: { reconnect, interval: 0 } };
  return answerTo(message, { successful: false, error, ...advice });
}

/** The reply to a call whose session is not good, one for each message. */
function unauthorised(messages: readonly Message[]): readonly JsonObject[] {
  return messages.map((message) => {
    if (message.channel !== '/meta/handshake')
      return refused(message, '401::Authentication invalid', 'none');
    const ext = { sfdc: { failureReason: '401::Authentication invalid' }, replay: true };
    return { ...refused(message, '403::Handshake denied', 'none'), ext };
  });
}

function replayRefused(replay: number): string {
  return `400::The replayId {${replay}} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.`;
}

/** Subscribes from the asked-for place; the retained events after it wait for the next poll. */
function subscribe(deps: CometDeps, client: Client, message: Message): JsonObject {
  const [channel = ''] = [message.subscription ?? ''].flat();
  const object = [...deps.state.schema.values()].find((each) => channelOf(each.name) === channel);
  if (object === undefined || !deps.events.isPublished(object))
    return refused(
      message,
      `404::The channel you requested to subscribe to does not exist {${channel}}`,
    );
  const replay = message.ext?.replay?.[channel] ?? NEW_ONLY;
  const refusal = refuseReplay(deps, object, replay);
  if (refusal !== null) return { ...refused(message, refusal), subscription: channel };
  client.channels.set(channel, object.name);
  if (replay !== NEW_ONLY) {
    const missed = deps.events.after(replay === ALL_RETAINED ? 0 : replay);
    client.queue.push(...missed.filter((each) => each.object === object.name));
  }
  return answerTo(message, { clientId: client.id, subscription: channel, successful: true });
}

function refuseReplay(
  { events, faults }: CometDeps,
  object: TwinObject,
  replay: number,
): string | null {
  if (replay === NEW_ONLY || replay === ALL_RETAINED) return null;
  const isExpired = faults.fires('expire_replay', object.name) !== undefined;
  return !isExpired && events.isRetained(replay) ? null : replayRefused(replay);
}

/** Holds the poll until an event comes or its time is over. */
async function held(client: Client, ms: number): Promise<void> {
  client.wake?.();
  if (client.queue.length > 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
    client.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  client.wake = null;
}

async function connect(
  deps: CometDeps,
  client: Client,
  message: Message,
): Promise<readonly JsonObject[]> {
  client.connects += 1;
  const hold = deps.holdMs ?? HOLD_MS;
  const wanted = Math.min(hold, message.advice?.timeout ?? hold);
  if (client.connects > 1 && wanted > 0) await held(client, wanted);
  client.seenAt = Date.now();
  const sent = client.queue.splice(0, BATCH);
  const events = sent.flatMap((event) => {
    const channel = channelOf(event.object);
    return Array.from({ length: event.copies }, () => ({ channel, data: event.data }));
  });
  const advice = { interval: 0, timeout: hold, reconnect: 'retry' };
  return [...events, answerTo(message, { clientId: client.id, successful: true, advice })];
}

function messagesOf(request: TwinRequest): readonly Message[] {
  const body: unknown = JSON.parse(request.rawBody.toString('utf8'));
  return z.array(Message).parse(Array.isArray(body) ? body : [body]);
}

const reply = (messages: readonly JsonObject[], cookie?: string): TwinReply => ({
  status: 200,
  headers:
    cookie === undefined ? {} : { 'set-cookie': [`BAYEUX_BROWSER=${cookie}; Path=/; HttpOnly`] },
  body: messages as unknown as Json,
});

/** The clients of the bus, and what waits for each. */
function createClients(events: ChangeEvents) {
  const clients = new Map<string, Client>();
  events.subscribe((out) => {
    for (const client of clients.values()) {
      const wanted = out.filter((each) => client.channels.has(channelOf(each.object)));
      client.queue.push(...wanted);
      if (wanted.length > 0) client.wake?.();
    }
  });
  return {
    add: (): Client => {
      const [id, cookie] = [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')];
      const client: Client = {
        id,
        cookie,
        channels: new Map(),
        queue: [],
        connects: 0,
        seenAt: Date.now(),
        wake: null,
      };
      clients.set(id, client);
      return client;
    },
    /** The client of a message, if the cookie of its handshake came back and it was not silent for too long. */
    of: (message: Message, request: TwinRequest): Client | null => {
      const client = clients.get(message.clientId ?? '');
      if (client === undefined) return null;
      const isCurrent = client.wake !== null || Date.now() - client.seenAt < FORGET_MS;
      const hasCookie = (request.headers['cookie'] ?? '').includes(client.cookie);
      if (isCurrent && hasCookie) return client;
      clients.delete(client.id);
      return null;
    },
    remove: (client: Client): void => {
      client.wake?.();
      clients.delete(client.id);
    },
    clear: (): void => {
      for (const client of clients.values()) client.wake?.();
      clients.clear();
    },
  };
}
type Clients = ReturnType<typeof createClients>;

function handshake(clients: Clients, message: Message): TwinReply {
  const { id, cookie } = clients.add();
  const greeting = answerTo(message, {
    clientId: id,
    version: '1.0',
    minimumVersion: '1.0',
    supportedConnectionTypes: ['long-polling'],
    successful: true,
    ext: { replay: true, 'payload.format': true },
  });
  return reply([greeting], cookie);
}

async function answerOne(
  deps: CometDeps,
  clients: Clients,
  message: Message,
  request: TwinRequest,
): Promise<readonly JsonObject[]> {
  const client = clients.of(message, request);
  if (client === null) return [refused(message, '403::Unknown client', 'handshake')];
  client.seenAt = Date.now();
  const { id: clientId } = client;
  const [subscription = ''] = [message.subscription ?? ''].flat();
  switch (message.channel) {
    case '/meta/connect':
      return await connect(deps, client, message);
    case '/meta/subscribe':
      return [subscribe(deps, client, message)];
    case '/meta/unsubscribe':
      client.channels.delete(subscription);
      return [answerTo(message, { clientId, subscription, successful: true })];
    case '/meta/disconnect':
      clients.remove(client);
      return [answerTo(message, { clientId, successful: true })];
    default:
      return [refused(message, `403:${message.channel}:Publish denied`)];
  }
}

function isPoll({ channel }: Message): number {
  return channel === '/meta/connect' ? 1 : 0;
}

/** What a change event names as its origin: the API, and the client that its call options name. */
function originOf(request: TwinRequest): string {
  const client = /client=([^,;]+)/.exec(request.headers['sforce-call-options'] ?? '')?.[1];
  const api = `com/salesforce/api/rest/${/\/v(\d+\.0)\//.exec(request.path)?.[1] ?? '67.0'}`;
  return client === undefined ? api : `${api};client=${client}`;
}

/** The streaming endpoint `/cometd/vv.0`: Bayeux over long polling, with the vendor's replay extension. */
export function createComet(deps: CometDeps): Comet {
  const clients = createClients(deps.events);

  const answer = async (request: TwinRequest): Promise<TwinReply> => {
    const messages = messagesOf(request);
    if (deps.auth.check(request) !== null) return reply(unauthorised(messages));
    const [first] = messages;
    if (first?.channel === '/meta/handshake') return handshake(clients, first);
    const replies: JsonObject[] = [];
    // A poll that came along with others is held last, or they would wait for its end.
    for (const message of messages.toSorted((left, right) => isPoll(left) - isPoll(right)))
      replies.push(...(await answerOne(deps, clients, message, request)));
    return reply(replies);
  };
  return {
    wrap: (handler) => async (request) => {
      if (!request.path.startsWith('/cometd/'))
        return await deps.events.transaction(originOf(request), () => handler(request));
      const given = await answer(request);
      return { ...given, headers: { ...given.headers, date: deps.now().toUTCString() } };
    },
    reset: () => clients.clear(),
  };
}
