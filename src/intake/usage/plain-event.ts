import { isInstant } from './event.ts';
import { screenData } from './screen-data.ts';

/** Printable ASCII alone: nothing that CloudEvents refuses in a text, and no more of it than is taken. */
const PLAIN_TEXT = /^[ -~]{1,255}$/;
/** Of those what may stand in a URI-reference. */
const PLAIN_URI = /^[!#-;=?-[\]_a-z~]{1,255}$/;

/** An event in its everyday form. */
export interface PlainEvent {
  readonly source: string;
  readonly id: string;
}

/**
 * True for an event in its everyday form that is certainly taken: known attributes alone, texts in ASCII, a time that
 * `isKept`. False says nothing: only then is it worth the price of finding out, and of saying what is wrong with it.
 */
export function isPlainEvent(raw: unknown, isKept: (time: string) => boolean): raw is PlainEvent {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return false;
  const event = raw as Readonly<Record<string, unknown>>;
  const { specversion, id, source, type } = event;
  if (specversion !== '1.0' || !isText(id) || !isText(type)) return false;
  if (typeof source !== 'string' || !PLAIN_URI.test(source)) return false;
  for (const name in event) if (!isPlainMember(name, event[name], isKept)) return false;
  return true;
}

const isText = (value: unknown): boolean => typeof value === 'string' && PLAIN_TEXT.test(value);

function isPlainMember(name: string, value: unknown, isKept: (time: string) => boolean): boolean {
  switch (name) {
    case 'specversion':
    case 'id':
    case 'source':
    case 'type':
      return true;
    case 'time':
      return typeof value === 'string' && isInstant(value) && isKept(value);
    case 'subject':
      return isText(value);
    case 'datacontenttype':
      return value === 'application/json';
    case 'data':
      return screenData(value) === null;
    default:
      return false;
  }
}
