import { setTimeout as delay } from 'node:timers/promises';
import { HubError, RemoteUnavailable } from '../kernel/errors.ts';

/** One server-sent event; its data parsed. */
export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** The server says every 15 s that it lives; a connection that is silent for longer than this is dead. */
const SILENCE_MS = 45_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** Failures in a row, without one event between: about half a minute. */
const MOST_FAILURES = 10;

/**
 * The events of a stream, across broken connections: each new one goes on after the last event that was seen. Ends with
 * the caller or the event `end`. Throws what the server refuses with, and RemoteUnavailable when it stays away.
 */
export async function* followEvents(
  open: (lastId: string | null, signal: AbortSignal) => Promise<Response>,
): AsyncGenerator<StreamEvent, void> {
  let lastId: string | null = null;
  let failures = 0;
  for (;;) {
    for await (const event of untilBroken(readOnce(open, lastId))) {
      failures = 0;
      lastId = event.id;
      yield event;
      if (event.event === 'end') return;
    }
    failures += 1;
    if (failures > MOST_FAILURES) {
      throw new RemoteUnavailable('The server broke off again and again. What it does goes on; ask for it with: trueup runs list'); // prettier-ignore
    }
    await delay(Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS));
  }
}

/** The same events; that the connection broke, or may work later, is the end of them. */
async function* untilBroken(events: AsyncIterable<StreamEvent>): AsyncGenerator<StreamEvent, void> {
  try {
    yield* events;
  } catch (error) {
    if (!passes(error)) throw error;
  }
}

/** A server that is away, restarting or busy is asked again; a refusal is final. */
function passes(error: unknown): boolean {
  return !(error instanceof HubError) || error.status >= 500 || error.status === 429;
}

async function* readOnce(
  open: (lastId: string | null, signal: AbortSignal) => Promise<Response>,
  lastId: string | null,
): AsyncGenerator<StreamEvent, void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await open(lastId, silence.signal);
    let text = '';
    for await (const part of (response.body ?? new ReadableStream()).pipeThrough(
      new TextDecoderStream(),
    )) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      const blocks = (text + part).split('\n\n');
      text = blocks.pop() ?? '';
      yield* blocks.flatMap(parseBlock);
    }
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** An event of our own server: one line each of id, event and data. A comment is none. */
function parseBlock(block: string): StreamEvent[] {
  const fields = new Map(
    block.split('\n').map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
    }),
  );
  const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')];
  if (id === undefined || event === undefined || data === undefined) return [];
  return [{ id, event, data: JSON.parse(data) as unknown }];
}
