import type {
  ConnectionCheck,
  ConnectorSession,
  FieldDescription,
  ObjectDescription,
} from './define-connector.ts';
import { isPassing } from './is-passing.ts';
import { HubError, NotFoundError, RemoteRejected } from './kernel.ts';
import type { SourceRecord, UnreadableRecord } from './record.ts';

/** The writing half of a session to a system that is only read: both refuse. */
export function refuseWrites(system: string): Pick<ConnectorSession, 'write' | 'readBack'> {
  const refuse = (object: string): Promise<never> =>
    Promise.reject(new RemoteRejected(`${system} is only read: ${object} was not written.`));
  return { write: refuse, readBack: refuse };
}

/** The description of a stream whose vendor publishes none: its fields by name. */
export function describeByName(
  object: string,
  label: string,
  names: readonly string[],
  keys: readonly string[] = ['id'],
): ObjectDescription {
  const fields = names.map((name): FieldDescription => ({
    name,
    label: name,
    type: 'text',
    required: keys.includes(name),
    readOnly: true,
    custom: false,
    key: keys.includes(name),
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
