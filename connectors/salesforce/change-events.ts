import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import {
  AuthExpired,
  RemoteRejected,
  RemoteUnavailable,
  type JsonObject,
  type Logger,
} from '../../src/sdk/kernel.ts';
import type { ChangeHint, ListenOptions } from '../../src/sdk/change-events.ts';
import { openBus, type Bus, type BusMessage } from './change-events-bayeux.ts';
import type { SalesforceClient } from './client.ts';
import { longId } from './record-id.ts';
import { Limits } from './schema.ts';

/** Setup data, licences and histories have no change events; they are read with their parents, or on schedule. */
const WITHOUT_EVENTS = new Set(['OpportunityStage', 'UserLicense', 'PermissionSetLicense']);

/** From now on; what was before is read. */
const NEW_ONLY = -1;

const REST_MS = 1000;
const IDLE_POLLS = 2;

const Place = z.object({ replayId: z.int() });

/** The header of a change event, as far as a hint needs it. */
const Event = z.object({
  payload: z.object({
    ChangeEventHeader: z.object({
      recordIds: z.array(z.string()),
      changeType: z.string(),
      changeOrigin: z.string().default(''),
      transactionKey: z.string(),
      sequenceNumber: z.int(),
    }),
  }),
  event: z.object({ replayId: z.int() }),
});
type Event = z.infer<typeof Event>;

/** The streams of these that the vendor tells changes of. */
export function streamsWithEvents(streams: readonly string[]): readonly string[] {
  return streams.filter((name) => !WITHOUT_EVENTS.has(name) && !name.endsWith('History'));
}

function channelOf(stream: string): string {
  const entity = stream.endsWith('__c') ? stream.slice(0, -1) : stream;
  return `/data/${entity}ChangeEvent`;
}

/** Our writes name themselves in the call options; the origin of the change repeats it. */
function isEcho(origin: string, callerName: string): boolean {
  return origin.split(';').some((part) => part.trim() === `client=${callerName}`);
}

function kindOf(changeType: string): ChangeHint['kind'] {
  if (changeType === 'GAP_OVERFLOW') return 'overflow';
  return changeType.startsWith('GAP_') ? 'gap' : 'change';
}

/** One hint for each record of the event. A wildcard (`001*`) or an overflow is about the whole stream. */
function hintsOf(stream: string, { payload }: Event, callerName: string): readonly ChangeHint[] {
  const { recordIds, changeType, changeOrigin, transactionKey, sequenceNumber } =
    payload.ChangeEventHeader;
  const kind = kindOf(changeType);
  const echo = kind === 'change' && isEcho(changeOrigin, callerName);
  const named = kind === 'overflow' ? [] : recordIds.filter((id) => !id.endsWith('*'));
  const ids = named.length === recordIds.length && named.length > 0 ? named.map(longId) : [null];
  return ids.map((id) => ({
    eventId: `${transactionKey}/${sequenceNumber}/${id ?? '*'}`,
    object: stream,
    id,
    kind,
    echo,
  }));
}

interface Batch {
  readonly hints: readonly ChangeHint[];
  readonly replay: Readonly<Record<string, JsonObject>>;
}

/** What one poll brought. An event that cannot be read is a gap: its stream is read. */
function batchOf(
  messages: readonly BusMessage[],
  streams: ReadonlyMap<string, string>,
  client: Pick<SalesforceClient, 'callerName'>,
): Batch {
  const hints: ChangeHint[] = [];
  const replay: Record<string, JsonObject> = {};
  for (const { channel, data } of messages) {
    const stream = streams.get(channel);
    if (stream === undefined) continue;
    const event = Event.safeParse(data);
    if (!event.success) {
      hints.push(wholeStream(stream, 'gap', 'unreadable'));
      continue;
    }
    hints.push(...hintsOf(stream, event.data, client.callerName));
    replay[stream] = { replayId: event.data.event.replayId };
  }
  return { hints, replay };
}

/** A hint of ours about everything in a stream. Each one is an event of its own. */
function wholeStream(object: string, kind: ChangeHint['kind'], why: string): ChangeHint {
  return {
    eventId: `${why}/${object}/${crypto.randomUUID()}`,
    object,
    id: null,
    kind,
    echo: false,
  };
}

/**
 * Subscribes one stream at its place. Without a place, or with one that the vendor keeps no more, it listens from now
 * on, and a hint says that what came before has to be read: the subscription stands first, so nothing falls between.
 */
async function join(
  bus: Bus,
  stream: string,
  place: JsonObject | null | undefined,
): Promise<{ readonly refusal: string | null; readonly hint: ChangeHint | null }> {
  const known = Place.safeParse(place);
  const replay = known.success ? known.data.replayId : NEW_ONLY;
  const refusal = await bus.subscribe(channelOf(stream), replay);
  if (refusal === null)
    return { refusal, hint: known.success ? null : wholeStream(stream, 'gap', 'joined') };
  if (!known.success || !refusal.startsWith('400')) return { refusal, hint: null };
  const second = await bus.subscribe(channelOf(stream), NEW_ONLY);
  return {
    refusal: second,
    hint: second === null ? wholeStream(stream, 'expired', 'expired') : null,
  };
}

/** Joins every stream. One that the organisation does not publish, or does not let us hear, is left out and named. */
async function joinAll(
  bus: Bus,
  options: ListenOptions,
  logger: Logger,
): Promise<ReadonlyMap<string, string>> {
  const joined = new Map<string, string>();
  const hints: ChangeHint[] = [];
  const forgotten: Record<string, null> = {};
  let refused = '';
  for (const stream of streamsWithEvents(options.streams)) {
    const { refusal, hint } = await join(bus, stream, options.replay[stream]);
    if (refusal === null) joined.set(channelOf(stream), stream);
    else {
      refused = refusal;
      logger.warn('changes of a stream are not published to us; it is read on schedule alone', {
        object: stream,
        said: refusal,
      });
    }
    if (hint !== null) hints.push(hint);
    if (hint?.kind === 'expired') forgotten[stream] = null;
  }
  if (hints.length > 0) await options.onHints(hints, forgotten);
  if (joined.size > 0) return joined;
  throw new RemoteRejected(
    `Salesforce publishes no changes of the streams of this connection (${refused}). Choose the objects under Setup, Change Data Capture, or set changeEvents=false.`,
  );
}

export interface ChangeProbe {
  /** The streams whose changes are published to us. */
  readonly heard: readonly string[];
  /** Those that are not, and what the vendor said. */
  readonly refused: readonly { readonly stream: string; readonly said: string }[];
}

/** Joins the bus, subscribes to each stream and leaves again. Throws one of the five remote errors if there is no bus. */
export async function probeChanges(
  client: SalesforceClient,
  streams: readonly string[],
): Promise<ChangeProbe> {
  const bus = await openBus(client, new AbortController().signal);
  const heard: string[] = [];
  const refused: { stream: string; said: string }[] = [];
  try {
    for (const stream of streamsWithEvents(streams)) {
      const said = await bus.subscribe(channelOf(stream), NEW_ONLY);
      if (said === null) heard.push(stream);
      else refused.push({ stream, said });
    }
    return { heard, refused };
  } finally {
    await bus.leave();
  }
}

/**
 * A session ends after some hours, and the bus cannot renew it: a call of the REST API does. Throws AuthExpired if the
 * vendor takes our credentials no more, else RemoteUnavailable, after which listening may begin anew.
 */
async function renewSession(client: SalesforceClient, cause: AuthExpired): Promise<never> {
  await client.call(Limits, { what: 'renewing the session', method: 'GET', path: '/limits' });
  throw new RemoteUnavailable(
    'The session at the event bus of Salesforce had ended. It is opened anew.',
    { cause },
  );
}

/** Slows down polls that the vendor answers at once and with nothing, beyond the few that the protocol makes. */
function createRest(signal: AbortSignal) {
  let idle = 0;
  return {
    after: async (poll: Promise<readonly BusMessage[]>): Promise<readonly BusMessage[]> => {
      const began = performance.now();
      const messages = await poll;
      const isIdle = messages.length === 0 && performance.now() - began < REST_MS;
      idle = isIdle ? idle + 1 : 0;
      if (idle > IDLE_POLLS) await delay(REST_MS, undefined, { signal });
      return messages;
    },
  };
}

/**
 * Listens to Change Data Capture until `signal` ends it. Throws one of the five remote errors when the session breaks:
 * call it again with the places stored last, and nothing is lost for as long as the vendor keeps events (72 hours).
 */
export async function listenForChanges(
  client: SalesforceClient,
  logger: Logger,
  options: ListenOptions,
): Promise<void> {
  const { signal } = options;
  let bus: Bus | null = null;
  try {
    bus = await openBus(client, signal);
    const streams = await joinAll(bus, options, logger);
    const rest = createRest(signal);
    while (!signal.aborted) {
      const messages = await rest.after(bus.poll());
      const { hints, replay } = batchOf(messages, streams, client);
      if (hints.length > 0) await options.onHints(hints, replay);
    }
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof AuthExpired) await renewSession(client, error);
    throw error;
  } finally {
    await bus?.leave();
  }
}
