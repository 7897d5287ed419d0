import { addDays, type LocalDate } from '../../kernel/dates.ts';
import { Envelope, readExtensions, type RejectedEvent, type UsageEvent } from './event.ts';
import { isPlainEvent, type PlainEvent } from './plain-event.ts';
import { hidePersons, screenData, type Personal } from './screen-data.ts';

/** What came of a batch, before the store has said what it knew already. */
export interface Judged {
  readonly rejected: readonly RejectedEvent[];
  /** Places of the events that are taken, each source and id once. */
  readonly taken: readonly number[];
  readonly duplicates: number;
}

type Fault = Pick<RejectedEvent, 'code' | 'reason'>;
type Extensions = ReadonlyMap<string, string | number | boolean>;

interface GoodEvent {
  readonly envelope: Envelope;
  readonly extensions: Extensions;
  readonly data: unknown;
}

/**
 * Judges each event of a batch by itself: what cannot be kept or counted is rejected with a reason, and the rest of the
 * batch goes on. Events before `firstDay` are not kept any more.
 */
export function judgeEvents(batch: readonly unknown[], firstDay: LocalDate): Judged {
  const bounds = boundsOf(firstDay);
  const isKept = (time: string): boolean => !isBefore(time, bounds);
  const rejected: RejectedEvent[] = [];
  const taken: number[] = [];
  const known = new Map<string, Set<string>>();
  for (const [index, raw] of batch.entries()) {
    const result = isPlainEvent(raw, isKept) ? { envelope: raw } : judgeEvent(raw, bounds);
    if ('code' in result) rejected.push({ index, id: idOf(raw), ...result });
    else if (isFirst(known, result.envelope)) taken.push(index);
  }
  return { rejected, taken, duplicates: batch.length - rejected.length - taken.length };
}

/** True the first time that it is asked for a source and id. */
function isFirst(known: Map<string, Set<string>>, { source, id }: PlainEvent): boolean {
  const ids = known.get(source);
  if (ids === undefined) {
    known.set(source, new Set([id]));
    return true;
  }
  const before = ids.size;
  return ids.add(id).size > before;
}

/**
 * The events of a judged batch as they are kept. Subjects and personal members of the data leave as pseudonyms; nothing
 * else is changed. What was rejected when the batch came is left out here as well.
 */
export function screenEvents(
  batch: readonly unknown[],
  firstDay: LocalDate,
  personal: Personal,
): readonly UsageEvent[] {
  const bounds = boundsOf(firstDay);
  return batch.flatMap((raw) => {
    const result = judgeEvent(raw, bounds);
    return 'code' in result ? [] : [eventOf(result, personal)];
  });
}

function judgeEvent(raw: unknown, bounds: Bounds): GoodEvent | Fault {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return { code: 'not_an_event', reason: 'it is no JSON object' };
  const parsed = Envelope.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { code: 'bad_attribute', reason: `${issue?.path.join('.')} ${issue?.message}` };
  }
  const envelope = parsed.data;
  if (envelope.time !== undefined && isBefore(envelope.time, bounds)) {
    return {
      code: 'too_old',
      reason: `it is of ${envelope.time.slice(0, 10)}, and events before ${bounds.firstDay} are not kept`,
    };
  }
  const extensions = new Map<string, string | number | boolean>();
  const wrong = readExtensions(raw as Record<string, unknown>, extensions);
  if (wrong !== null) return { code: 'bad_attribute', reason: wrong };
  const { data } = raw as { readonly data?: unknown };
  return screenData(data) ?? { envelope, extensions, data };
}

function eventOf({ envelope, extensions, data }: GoodEvent, personal: Personal): UsageEvent {
  hidePersons(data, personal);
  const { dataschema, subject } = envelope;
  const attributes = new Map(extensions);
  if (dataschema !== undefined) attributes.set('dataschema', dataschema);
  return {
    source: envelope.source,
    id: envelope.id,
    type: envelope.type,
    time: envelope.time ?? '',
    subject: subject === undefined ? '' : personal.pseudonymize(subject),
    data: data === undefined ? '' : JSON.stringify(data),
    attributes: attributes.size === 0 ? '' : JSON.stringify(Object.fromEntries(attributes)),
  };
}

interface Bounds {
  readonly firstDay: LocalDate;
  readonly dayAfter: LocalDate;
}

function boundsOf(firstDay: LocalDate): Bounds {
  return { firstDay, dayAfter: addDays(firstDay, 1) };
}

/** By the day in UTC. An offset moves an instant by less than a day, so most texts tell without being parsed. */
function isBefore(time: string, { firstDay, dayAfter }: Bounds): boolean {
  if (time.slice(0, 10) > dayAfter) return false;
  return new Date(time).toISOString().slice(0, 10) < firstDay;
}

function idOf(raw: unknown): string | null {
  const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : null;
  return typeof id === 'string' ? id.slice(0, 255) : null;
}
