import { parseJson, type EventBatch } from '../app/flows/receive-events.ts';
import { ValidationError } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';
import { protocolError, type RawRequest } from './define-route.ts';

/** Events of one request. */
const MOST_EVENTS = 5_000;
/** RFC 9110 §8.3.1: type, subtype and parameters, of which only a charset may stand here. */
const MEDIA_TYPE = /^([\w.+-]+\/[\w.+-]+)\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

/**
 * The events of a request in one of the three modes of the HTTP binding of CloudEvents 1.0 §3: batched, structured, or
 * binary. The mode follows from the content type alone, and nothing is guessed: what is none of them is 415.
 * Throws 400 for a body that is no JSON in UTF-8, or that names a member twice, and 413 for too many events.
 */
export function cloudEventsOf(request: Pick<RawRequest, 'headers' | 'body'>): EventBatch {
  const type = mediaTypeOf(request);
  if (type === 'application/cloudevents-batch+json')
    return { events: batchOf(parsed(request.body)), text: bytesOf(request.body) };
  if (type === 'application/cloudevents+json') return batchOfOne(parsed(request.body));
  if (request.headers['ce-specversion'] === undefined) {
    throw protocolError(
      415,
      'unsupported_media_type',
      'Send application/cloudevents-batch+json, application/cloudevents+json, or one event with its attributes in ce- headers and JSON as its body.',
    );
  }
  return batchOfOne(binaryOf(request, type));
}

function batchOfOne(event: Json): EventBatch {
  return { events: [event], text: Buffer.from(JSON.stringify([event])) };
}

function mediaTypeOf({ headers }: Pick<RawRequest, 'headers'>): string | null {
  const text = headers['content-type'];
  if (typeof text !== 'string') return null;
  const [, type] = MEDIA_TYPE.exec(text) ?? [];
  if (type !== undefined) return type.toLowerCase();
  throw protocolError(
    415,
    'unsupported_media_type',
    `The content type ${JSON.stringify(text.slice(0, 80))} is not one that is taken here.`,
  );
}

function batchOf(value: Json): readonly Json[] {
  if (!Array.isArray(value))
    throw protocolError(400, 'bad_request', 'A batch of CloudEvents is a JSON array.');
  if (value.length <= MOST_EVENTS) return value;
  throw protocolError(
    413,
    'too_large',
    `The batch has ${value.length} events; at most ${MOST_EVENTS} are taken at once.`,
  );
}

/** HTTP binding §3.1: attributes in headers, percent-encoded; the body is the data, and its type that of the data. */
function binaryOf(request: Pick<RawRequest, 'headers' | 'body'>, type: string | null): Json {
  const event = new Map<string, Json>();
  for (const [name, value] of Object.entries(request.headers)) {
    if (!name.startsWith('ce-') || name === 'ce-data' || typeof value !== 'string') continue;
    event.set(name.slice(3), decoded(value));
  }
  const body = bytesOf(request.body);
  if (type === null && body.length === 0) return Object.fromEntries(event);
  if (type === null || !/^application\/([\w.+-]+\+)?json$/.test(type)) {
    throw protocolError(
      415,
      'unsupported_media_type',
      'The data of an event is JSON: use is counted from nothing else.',
    );
  }
  event.set('datacontenttype', type);
  if (body.length > 0) event.set('data', parsed(body));
  return Object.fromEntries(event);
}

/** Percent-encoding that is none stays as it stands, and is judged as such. */
function decoded(value: string): string {
  const bare = /^".*"$/s.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : value;
  try {
    return decodeURIComponent(bare);
  } catch {
    return bare;
  }
}

function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** A body that cannot be read is 400 here, as everywhere in the API. */
function parsed(body: unknown): Json {
  try {
    return parseJson(bytesOf(body));
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    throw protocolError(400, 'bad_request', error.message);
  }
}
