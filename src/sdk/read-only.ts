import type {
  ConnectionCheck,
  ConnectorSession,
  FieldDescription,
  ObjectDescription,
  StreamDefinition,
} from './define-connector.ts';
import { isPassing } from './is-passing.ts';
import { HubError, NotFoundError, RemoteRejected } from './kernel.ts';
import type {
  Page,
  PageToken,
  ReadWindow,
  RecordKey,
  RecordsById,
  SourceRecord,
  UnreadableRecord,
} from './record.ts';

/** What is particular to a source that is never written. */
export interface ReadOnlySource {
  /** Its name, for messages. */
  readonly system: string;
  readonly streams: readonly StreamDefinition[];
  /** What a read of it can say: `full` may imply removals, `incremental` without bounds never does (a log). */
  readonly mode: ReadWindow['mode'];
  readonly fields: Readonly<Record<string, readonly string[]>>;
  check(): Promise<readonly ConnectionCheck[]>;
  page(stream: string, after: PageToken | null, limit?: number): Promise<Page>;
  count(stream: string): Promise<number | null>;
  keys(stream: string): Promise<readonly RecordKey[]>;
  byIds(stream: string, ids: readonly string[]): Promise<RecordsById>;
  close?(): void;
}

/** The session of a source that has no stamps. Writing it is refused, but for what `writing` does. */
export function readOnlySession(
  source: ReadOnlySource,
  writing?: Pick<ConnectorSession, 'describe' | 'write' | 'readBack'> & {
    readonly objects: readonly string[];
  },
): ConnectorSession {
  const named = (stream: string) => streamNamed(source.streams, stream, source.system);
  const refuse = (object: string): Promise<never> =>
    Promise.reject(new RemoteRejected(`${source.system} is only read: ${object} was not written.`));
  return {
    check: () => source.check(),
    describe: async (object) => {
      if (writing?.objects.includes(object) === true) return writing.describe(object);
      const { name, title } = named(object);
      return describeByName(name, title, source.fields[name] ?? []);
    },
    openWindow: async (stream) => {
      named(stream);
      return { mode: source.mode, from: null, to: null };
    },
    readPage: (stream, _window, after, options) => source.page(stream, after, options?.limit),
    countWindow: (stream) => source.count(stream),
    listKeys: (stream) => source.keys(stream),
    readByIds: (stream, ids) => source.byIds(stream, ids),
    write: writing?.write ?? refuse,
    readBack: writing?.readBack ?? refuse,
    close: async () => source.close?.(),
  };
}

/** The description of a stream whose vendor publishes none: its fields by name. */
function describeByName(
  object: string,
  label: string,
  names: readonly string[],
): ObjectDescription {
  const fields = names.map((name): FieldDescription => ({
    name,
    label: name,
    type: 'text',
    required: name === 'id',
    readOnly: true,
    custom: false,
    key: name === 'id',
    picklist: [],
    reference: null,
  }));
  return { object, label, fields };
}

/** The member of that name. Throws NotFoundError with the names there are. */
export function streamNamed<T extends { readonly name: string }>(
  streams: readonly T[],
  name: string,
  system: string,
): T {
  const found = streams.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = streams.map((each) => each.name).join(', ');
  throw new NotFoundError(`There is no stream ${name}. ${system} has ${names}.`);
}

/** One line of `connections check`. What passes by itself is thrown: an outage is no failed check. */
export async function tried(
  name: string,
  fix: string,
  attempt: () => Promise<string>,
): Promise<ConnectionCheck> {
  try {
    return { name, ok: true, detail: await attempt(), fix: null };
  } catch (error) {
    if (!(error instanceof HubError) || isPassing(error)) throw error;
    return { name, ok: false, detail: error.message, fix };
  }
}

/** The tombstone of a record that the source does not know any more. */
export function tombstone(id: string): SourceRecord {
  return { id, stamp: null, deleted: true, data: { id } };
}

/** A row without identity, or one that must not be data. */
export function unreadable(id: string | null, code: string, reason: string): UnreadableRecord {
  return { id, code, reason, outcome: id === null ? 'rejected' : 'quarantined' };
}

/** Rows that were read by id, parted: a row with data is a record. */
export function byReadability(rows: readonly (SourceRecord | UnreadableRecord)[]): RecordsById {
  return {
    records: rows.filter((row) => 'data' in row),
    unreadable: rows.filter((row) => 'reason' in row),
  };
}
