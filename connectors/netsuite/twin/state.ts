import { addQuantity, type Json, type JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinWorld } from '../../../src/sdk/define-twin.ts';
import { isObject } from '../lossless-json.ts';
import { without, type HiddenField } from './hidden-fields.ts';
import { EMPLOYEES } from './authors.ts';
import { Refused } from './problem.ts';
import { recordType, RECORD_TYPES } from './schema.ts';
import type { RecordType } from './schema-fields.ts';
import { readFields, sublist, textOf, type Reading } from './values.ts';

export type Line = Readonly<Record<string, Json>>;

/** One record as the twin keeps it: declared fields in canonical form, lines apart. */
export interface Stored {
  readonly object: string;
  readonly id: string;
  readonly fields: Readonly<Record<string, Json>>;
  readonly lines: readonly Line[];
}

/** A record that is gone, as the account remembers it. */
export interface Deletion {
  readonly object: string;
  readonly id: string;
  readonly name: string | null;
  /** The second of the deletion, UTC. */
  readonly at: string;
}

export interface State {
  type(object: string): RecordType | undefined;
  all(object: string): readonly Stored[];
  get(object: string, id: string): Stored | undefined;
  byExternalId(object: string, externalId: string): Stored | undefined;
  put(record: Stored): void;
  /** Forgets a record and remembers that it was deleted at this second (UTC text). */
  remove(object: string, id: string, at: string): void;
  deletions(): readonly Deletion[];
  nextId(): string;
  /** System notes count for themselves. */
  nextNoteId(): string;
  nextDocumentNumber(type: RecordType): string;
  /** Another with each change; what is derived from the state is kept until it moves. */
  version(): string;
  reset(): void;
}

/** An id as text, however it was given. */
function spelled(id: Json | undefined): string {
  return typeof id === 'string' || typeof id === 'number' ? String(id) : '';
}

/** Reads one record of the world: anything that the schema does not declare is an error in the world. */
function load(type: RecordType, source: JsonObject, at: number, startAt: string): Stored {
  const { id } = source;
  if (typeof id !== 'string' && typeof id !== 'number') {
    throw new Error(`The world's ${type.object} number ${at + 1} has no id.`);
  }
  const where = `${type.object} ${id}`;
  const reading: Reading = {
    resolve: (_to, reference) => spelled(reference['id']),
    onUnknown: (path) => {
      // An account without the package simply does not hold what the package would declare.
      if (/(^|\.)cust(body|col)_trueup_/.test(path)) return;
      throw new Error(
        `The world's ${where} has the field ${path}, which the twin does not declare.`,
      );
    },
    onReadOnly: null,
  };
  const stamps = { lastModifiedDate: `${new Date(startAt).toISOString().slice(0, 19)}Z` };
  const fields = { ...stamps, ...readFields(type.fields, source, '', reading) };
  const lines: readonly Line[] = (sublist(source['item']) ?? []).map((line, index) => {
    if (!isObject(line)) throw new Error(`The world's ${where} has a line that is no object.`);
    return {
      line: String(index + 1),
      ...readFields(type.lines ?? {}, line, `item.items[${index}].`, reading),
    };
  });
  const sum = (): string =>
    lines.reduce((total, line) => addQuantity(total, textOf(line['amount']) ?? '0'), '0');
  const total =
    type.transaction === undefined || Object.hasOwn(fields, 'total') ? {} : { total: sum() };
  return { object: type.object, id: String(id), fields: { ...fields, ...total }, lines };
}

/** The world's records as the twin keeps them. Throws on an object that this vendor does not have. */
function recordsOf(world: TwinWorld, startAt: string, withPackage: boolean): readonly Stored[] {
  const known = new Set(RECORD_TYPES.map((type) => type.object));
  const stranger = Object.keys(world.objects).find((object) => !known.has(object));
  if (stranger !== undefined) throw new Error(`NetSuite's world has no object "${stranger}".`);
  const records = RECORD_TYPES.flatMap(({ object }): readonly Stored[] => {
    const type = recordType(object, withPackage);
    if (type === undefined) return [];
    return (world.objects[object] ?? []).map((source, at) => load(type, source, at, startAt));
  });
  return [...EMPLOYEES, ...records];
}

function documentNumber(type: RecordType, records: readonly Stored[]): string {
  const numbers = records.map((record) => {
    const digits = /^[A-Z]+-?(\d+)$/.exec(textOf(record.fields['tranId']) ?? '')?.[1];
    return digits === undefined ? 0 : Number(digits);
  });
  const last = numbers.reduce((most, number) => Math.max(most, number), 1000);
  return `${type.transaction?.prefix ?? ''}${last + 1}`;
}

/**
 * The twin's records. Starts from the world and returns to it on `reset`.
 * Throws when the world holds an object or a field that this vendor does not have.
 */
export function createState(
  world: TwinWorld,
  startAt: string,
  withPackage: boolean,
  hidden: () => readonly HiddenField[] = () => [],
): State {
  let objects = new Map<string, Map<string, Stored>>();
  let externalIds = new Map<string, string>();
  let deletions: Deletion[] = [];
  let lastId = 0;
  let lastNoteId = 0;
  let version = 0;

  const key = (object: string, externalId: string): string => `${object} ${externalId}`;
  const put = (record: Stored): void => {
    const externalId = textOf(record.fields['externalId']);
    if (externalId !== null) externalIds.set(key(record.object, externalId), record.id);
    objects.get(record.object)?.set(record.id, record);
    const number = /^\d{1,15}$/.test(record.id) ? Number(record.id) : 0;
    if (record.object === 'systemnote') lastNoteId = Math.max(lastNoteId, number);
    else lastId = Math.max(lastId, number);
    version += 1;
  };
  const reset = (): void => {
    objects = new Map(RECORD_TYPES.map((type) => [type.object, new Map()]));
    externalIds = new Map();
    deletions = [];
    lastId = 1000;
    lastNoteId = 0;
    recordsOf(world, startAt, withPackage).forEach(put);
  };
  const get = (object: string, id: string): Stored | undefined => objects.get(object)?.get(id);
  reset();

  return {
    type: (object) => without(recordType(object, withPackage), hidden()),
    all: (object) => [...(objects.get(object)?.values() ?? [])],
    get,
    byExternalId: (object, externalId) => {
      const id = externalIds.get(key(object, externalId));
      return id === undefined ? undefined : get(object, id);
    },
    put,
    remove: (object, id, at) => {
      const fields = get(object, id)?.fields ?? {};
      const externalId = textOf(fields['externalId']);
      if (externalId !== null) externalIds.delete(key(object, externalId));
      const name = textOf(fields['tranId']) ?? textOf(fields['entityId']);
      deletions.push({ object, id, name, at });
      objects.get(object)?.delete(id);
      version += 1;
    },
    deletions: () => deletions,
    nextId: () => String(lastId + 1),
    nextNoteId: () => String(lastNoteId + 1),
    nextDocumentNumber: (type) =>
      documentNumber(type, [...(objects.get(type.object)?.values() ?? [])]),
    version: () => JSON.stringify([version, hidden()]),
    reset,
  };
}

/** The record that a reference means, by id or by external id, or a refusal as the vendor words it. */
export function resolveIn(state: State): Reading['resolve'] {
  return (to, reference, path) => {
    const id = reference['id'];
    const externalId = reference['externalId'];
    const found =
      typeof externalId === 'string'
        ? state.byExternalId(to, externalId)
        : state.get(to, spelled(id));
    if (found !== undefined) return found.id;
    throw new Refused(400, {
      code: 'INVALID_KEY_OR_REF',
      detail: `Error while accessing a resource. Invalid ${to} reference key ${spelled(id ?? externalId)}.`,
      path,
    });
  };
}
