import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinWorld } from '../../../src/sdk/define-twin.ts';
import { longId } from '../record-id.ts';
import { createDeletionLog, type DeletionLog } from './deletions.ts';
import { nthId } from './nth-id.ts';
import type { TwinField, TwinObject, TwinSchema } from './schema.ts';
import { vendorError, VendorRefusal } from './vendor-error.ts';

/** One record. Date-times are kept as epoch milliseconds, everything else as the vendor's JSON value. */
export interface TwinRecord {
  readonly id: string;
  readonly object: TwinObject;
  readonly values: Map<string, Json>;
}

export interface TwinState {
  readonly schema: TwinSchema;
  /** Throws INVALID_TYPE for an object that the organisation does not have. */
  object(name: string): TwinObject;
  get(object: string, id: string): TwinRecord | undefined;
  /** All records of an object, deleted ones too, by (SystemModstamp in whole seconds, Id). */
  ordered(object: string): readonly TwinRecord[];
  /** Records whose reference field holds this id, deleted ones left out. */
  children(object: string, field: string, id: string): readonly TwinRecord[];
  insert(object: TwinObject, values: ReadonlyMap<string, Json>): TwinRecord;
  /** Adds a record that was there when the world was born, under its own id or the next one; `at` stamps it. */
  born(object: string, at: Json, values: Readonly<Record<string, Json>>): TwinRecord;
  /** Sets values and moves the change stamps; a stamp never goes back or stands still. */
  touch(record: TwinRecord, values: ReadonlyMap<string, Json>): void;
  /** Puts a record into the recycle bin; `root` is the record whose deletion takes this one along. */
  bin(record: TwinRecord, root: TwinRecord, values: ReadonlyMap<string, Json>): void;
  /** Empties the recycle bin of one record: no query finds it any more, the log of deletions still does. */
  purge(record: TwinRecord): void;
  readonly deletions: DeletionLog;
  /** What `change` does commits now, under stamps that are so much older: the end of a long transaction. */
  late<T>(seconds: number, change: () => T): T;
  /** Sets values without a trace, for what the world was born with. */
  seed(record: TwinRecord, values: ReadonlyMap<string, Json>): void;
  nextNumber(series: string): number;
  /** Back to the world. */
  load(world: TwinWorld): void;
}

interface Table {
  readonly rows: Map<string, TwinRecord>;
  sorted: readonly TwinRecord[] | null;
}

/** The change stamp in whole seconds: the vendor ignores milliseconds when it compares and sorts. */
export function stampSeconds(record: TwinRecord): number {
  return Math.floor(Number(record.values.get('SystemModstamp')) / 1000);
}

function byStampAndId(left: TwinRecord, right: TwinRecord): number {
  const difference = stampSeconds(left) - stampSeconds(right);
  if (difference !== 0) return difference;
  return left.id < right.id ? -1 : Number(left.id > right.id);
}

/** Every date-time field of a world is text; the state keeps milliseconds. */
function storedValue(field: TwinField, value: Json): Json {
  if (field.type === 'datetime' && typeof value === 'string') return Date.parse(value);
  if (field.type === 'reference' && typeof value === 'string') return longId(value);
  return value;
}

/** Fields of a world that its organisation may lack: one currency, or an object without a recycle bin. */
const MAY_LACK = new Set(['CurrencyIsoCode', 'IsDeleted']);

function isPackageName(name: string): boolean {
  return name.startsWith('Trueup_');
}

/** A record of the world's generator as the state keeps it. Unknown fields are a defect of the generator. */
function fromWorld(object: TwinObject, source: JsonObject, now: number): TwinRecord {
  const id = source['Id'];
  if (typeof id !== 'string') throw new Error(`A ${object.name} of this world has no Id.`);
  const values = new Map<string, Json>([['IsDeleted', false]]);
  for (const [name, value] of Object.entries(source)) {
    const field = object.fields.get(name);
    if (field !== undefined) values.set(name, storedValue(field, value));
    else if (!isPackageName(name) && !MAY_LACK.has(name))
      throw new Error(`${object.name} ${id} of this world has the unknown field ${name}.`);
  }
  const created = values.get('CreatedDate') ?? values.get('SystemModstamp') ?? now;
  const modified = values.get('LastModifiedDate') ?? values.get('SystemModstamp') ?? created;
  const stamps = {
    CreatedDate: created,
    LastModifiedDate: modified,
    SystemModstamp: values.get('SystemModstamp') ?? modified,
  };
  for (const [name, value] of Object.entries({ Id: longId(id), ...stamps }))
    values.set(name, value);
  return { id: longId(id), object, values };
}

function unknownObject(name: string): VendorRefusal {
  return new VendorRefusal(
    400,
    vendorError(
      'INVALID_TYPE',
      `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
    ),
  );
}

/** The tables, and the order by change stamp that each keeps until it changes. */
function createTables() {
  const tables = new Map<string, Table>();
  const table = (name: string): Table => {
    let found = tables.get(name);
    if (found === undefined) {
      found = { rows: new Map(), sorted: null };
      tables.set(name, found);
    }
    return found;
  };
  return {
    clear: () => tables.clear(),
    rows: (name: string) => table(name).rows,
    store: (record: TwinRecord): void => {
      table(record.object.name).rows.set(record.id, record);
      table(record.object.name).sorted = null;
    },
    drop: (record: TwinRecord): void => {
      table(record.object.name).rows.delete(record.id);
      table(record.object.name).sorted = null;
    },
    set: (record: TwinRecord, values: ReadonlyMap<string, Json>): void => {
      for (const [name, value] of values) record.values.set(name, value);
      table(record.object.name).sorted = null;
    },
    ordered: (name: string): readonly TwinRecord[] => {
      const target = table(name);
      target.sorted ??= [...target.rows.values()].toSorted(byStampAndId);
      return target.sorted;
    },
  };
}

/** Numbers that only go up: ids, document numbers, and change stamps unless a commit is late. */
function createCounters(now: () => Date) {
  const series = new Map<string, number>();
  let lastStamp = 0;
  let lateMs = 0;
  return {
    clear: (): void => {
      series.clear();
      lastStamp = 0;
    },
    next: (name: string): number => {
      const value = (series.get(name) ?? 0) + 1;
      series.set(name, value);
      return value;
    },
    /** `held` is the record's own stamp so far: a late commit waited for the one that set it. */
    stamp: (held = 0): number => {
      if (lateMs > 0) return Math.max(now().getTime() - lateMs, held);
      lastStamp = Math.max(now().getTime(), lastStamp + 1);
      return lastStamp;
    },
    late: <T>(seconds: number, change: () => T): T => {
      lateMs = seconds * 1000;
      try {
        return change();
      } finally {
        lateMs = 0;
      }
    },
  };
}

type Tables = ReturnType<typeof createTables>;
type Counters = ReturnType<typeof createCounters>;

/** What can happen to records, with the stamps and the log entries that the vendor makes of it. */
function createChanges(
  tables: Tables,
  counters: Counters,
  deletions: DeletionLog,
): Pick<TwinState, 'insert' | 'touch' | 'bin' | 'seed' | 'purge' | 'late'> {
  const touch: TwinState['touch'] = (record, values) => {
    const stamp = counters.stamp(Number(record.values.get('SystemModstamp')));
    const stamps = { LastModifiedDate: stamp, SystemModstamp: stamp };
    tables.set(record, new Map([...values, ...Object.entries(stamps)]));
  };
  return {
    touch,
    insert: (target, values) => {
      const id = freeId(tables, counters, target);
      const stamp = counters.stamp();
      const stamps = { CreatedDate: stamp, LastModifiedDate: stamp, SystemModstamp: stamp };
      const own = Object.entries({ Id: id, IsDeleted: false, ...stamps });
      const record = { id, object: target, values: new Map<string, Json>([...own, ...values]) };
      tables.store(record);
      return record;
    },
    seed: (record, values) => tables.set(record, values),
    bin: (record, root, values) => {
      touch(record, new Map([...values, ['IsDeleted', true]]));
      const at = Number(record.values.get('SystemModstamp'));
      deletions.note({ object: record.object.name, id: record.id, at, root: root.id });
    },
    purge: (record) => tables.drop(record),
    late: (seconds, change) => counters.late(seconds, change),
  };
}

function freeId(tables: Tables, counters: Counters, target: TwinObject): string {
  const id = nthId(target.prefix, counters.next(`id:${target.name}`));
  return tables.rows(target.name).has(id) ? freeId(tables, counters, target) : id;
}

/**
 * The organisation's records, in memory. `now` is the sandbox's own clock; `reshape` shows an object as its
 * administrator changed it since.
 */
export function createState(
  schema: TwinSchema,
  now: () => Date,
  reshape: (object: TwinObject) => TwinObject,
): TwinState {
  const tables = createTables();
  const deletions = createDeletionLog();
  const counters = createCounters(now);
  const known = (name: string): TwinObject => {
    const found = schema.get(name);
    if (found === undefined) throw unknownObject(name);
    return found;
  };
  return {
    ...createChanges(tables, counters, deletions),
    schema,
    object: (name) => reshape(known(name)),
    deletions,
    nextNumber: (name) => counters.next(name),
    get: (name, id) => tables.rows(name).get(longId(id)),
    ordered: (name) => tables.ordered(name),
    children: (name, field, id) =>
      tables
        .rows(name)
        .values()
        .filter((row) => row.values.get(field) === id && row.values.get('IsDeleted') !== true)
        .toArray(),
    born: (name, at, given) => {
      const target = known(name);
      const id = given['Id'] ?? freeId(tables, counters, target);
      const record = fromWorld(target, { ...given, Id: id, CreatedDate: at }, now().getTime());
      tables.store(record);
      return record;
    },
    load: (world) => {
      tables.clear();
      deletions.clear();
      counters.clear();
      for (const [name, records] of Object.entries(world.objects)) {
        const target = schema.get(name);
        if (target === undefined) throw new Error(`This world holds the unknown object ${name}.`);
        for (const source of records) tables.store(fromWorld(target, source, now().getTime()));
      }
    },
  };
}
