import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import { seededRandom, type Faults } from '../../../src/sdk/twin-kit/faults.ts';
import { renderValue } from './render.ts';
import type { TwinObject } from './schema.ts';
import type { TwinRecord, TwinState } from './state.ts';

/** One event as the bus keeps it. `data` is what a subscriber gets. */
export interface ChangeEvent {
  readonly replayId: number;
  readonly object: string;
  readonly at: number;
  readonly copies: number;
  readonly data: JsonObject;
}

type ChangeType = 'CREATE' | 'UPDATE' | 'DELETE' | 'UNDELETE';

interface Change {
  readonly object: TwinObject;
  readonly ids: string[];
  readonly type: ChangeType;
  readonly values: JsonObject;
}

/** One transaction: whoever made it, and what it changed. */
interface Transaction {
  readonly origin: string;
  readonly changes: Change[];
}

export interface ChangeEvents {
  /** The same state; each change of a record makes an event. */
  watch(state: TwinState): TwinState;
  /** Runs `work` as one transaction of this origin; its events come out when it ends. */
  transaction<T>(origin: string, work: () => T): T;
  /** True if events of this object exist at all. */
  isPublished(object: TwinObject): boolean;
  /** The retained events after this one, in the order in which they are delivered. */
  after(replayId: number): readonly ChangeEvent[];
  /** True for an event that is still retained. */
  isRetained(replayId: number): boolean;
  subscribe(listener: (events: readonly ChangeEvent[]) => void): void;
  reset(): void;
}

/** Events are kept for three days, and not a moment longer here. */
const RETENTION_MS = 72 * 3_600_000;
/** What a person's change at the vendor's own screen names as its origin. */
const SCREEN = 'com/salesforce/api/soap/67.0;client=SfdcInternalAPI/';
/** Setup data and histories have no change events. */
const WITHOUT = new Set(['OpportunityStage', 'UserLicense', 'PermissionSetLicense']);
/** An overflow names no record. */
const NO_RECORD = '000000000000000AAA';

interface Deps {
  readonly faults: Faults;
  readonly now: () => Date;
  readonly seed: number;
}

function changeOf(record: TwinRecord, type: ChangeType, values: Iterable<[string, Json]>): Change {
  const { object } = record;
  const shown = [...values].flatMap(([name, value]): [string, Json][] => {
    const field = object.fields.get(name);
    return field === undefined ? [] : [[name, renderValue(field, value)]];
  });
  return { object, ids: [record.id], type, values: Object.fromEntries(shown) };
}

/** The same change of several records in one transaction is one event with all their ids. */
function merged(changes: readonly Change[]): readonly Change[] {
  const bySameness = new Map<string, Change>();
  for (const change of changes) {
    const { LastModifiedDate: _, SystemModstamp: __, ...values } = change.values;
    const single = change.type === 'CREATE' ? change.ids[0] : '';
    const key = JSON.stringify([change.object.name, change.type, single, values]);
    const known = bySameness.get(key);
    if (known === undefined) bySameness.set(key, { ...change, ids: [...change.ids] });
    else known.ids.push(...change.ids.filter((id) => !known.ids.includes(id)));
  }
  return [...bySameness.values()];
}

function watched(state: TwinState, note: (change: Change) => void): TwinState {
  const touched = (record: TwinRecord, values: ReadonlyMap<string, Json>): Change => {
    const { values: before } = record;
    const wasDeleted = before.get('IsDeleted') === true;
    const type = wasDeleted && values.get('IsDeleted') === false ? 'UNDELETE' : 'UPDATE';
    return changeOf(
      record,
      type,
      [...values].filter(([name, value]) => before.get(name) !== value),
    );
  };
  // A view, so that what the state computes on each look stays so.
  return Object.assign(Object.create(state) as TwinState, {
    insert: (object: TwinObject, values: ReadonlyMap<string, Json>) => {
      const record = state.insert(object, values);
      note(changeOf(record, 'CREATE', record.values));
      return record;
    },
    touch: (record: TwinRecord, values: ReadonlyMap<string, Json>) => {
      const change = touched(record, values);
      state.touch(record, values);
      note(change);
    },
    bin: (record: TwinRecord, root: TwinRecord, values: ReadonlyMap<string, Json>) => {
      state.bin(record, root, values);
      note(changeOf(record, 'DELETE', []));
    },
  } satisfies Partial<TwinState>);
}

/** What went wrong on the way of one event, if its fault plan says so. */
function disturbed(
  faults: Faults,
  change: Change,
): { readonly type: string; readonly ids: readonly string[]; readonly values: JsonObject } {
  const { object, ids, type, values } = change;
  const [id] = ids;
  if (faults.fires('overflow', object.name, id) !== undefined)
    return { type: 'GAP_OVERFLOW', ids: [NO_RECORD], values: {} };
  if (faults.fires('gap', object.name, id) !== undefined)
    return { type: `GAP_${type}`, ids, values: {} };
  return { type, ids, values };
}

/** Makes the bus's own form of a change; replay ids go up in steps that nobody can foretell. */
function createPress({ faults, now, seed }: Deps) {
  const random = seededRandom(seed);
  let lastId = 1000;
  let commits = 0;
  const eventOf = (change: Change, origin: string, key: string, at: number): ChangeEvent => {
    lastId += 1 + Math.floor(random() * 7);
    const { type, ids, values } = disturbed(faults, change);
    const header = {
      entityName: change.object.name,
      recordIds: [...ids],
      changeType: type,
      changeOrigin: origin,
      transactionKey: key,
      sequenceNumber: at + 1,
      commitTimestamp: now().getTime(),
      commitNumber: commits,
      changedFields: type === 'UPDATE' ? Object.keys(values) : [],
    };
    const data = {
      schema: 'TwinChangeEventSchema',
      payload: { ChangeEventHeader: header, ...values },
      event: { replayId: lastId },
    };
    const isDoubled = faults.fires('duplicate_event', change.object.name, change.ids[0]);
    const copies = isDoubled === undefined ? 1 : 2;
    return { replayId: lastId, object: change.object.name, at: now().getTime(), copies, data };
  };
  return ({ origin, changes }: Transaction): readonly ChangeEvent[] => {
    commits += 1;
    const key = randomUUID();
    return merged(changes).map((change, at) => eventOf(change, origin, key, at));
  };
}

/** The events in the order of their delivery, for as long as the vendor keeps them. */
function createLog({ faults, now }: Deps) {
  let log: ChangeEvent[] = [];
  let heldBack: ChangeEvent[] = [];
  return {
    /** Takes events in, and returns those that go out now: one that is held back comes after the next that is not. */
    add: (events: readonly ChangeEvent[]): readonly ChangeEvent[] => {
      const late = events.filter((each) => faults.fires('reorder', each.object) !== undefined);
      const out = events.filter((each) => !late.includes(each));
      if (out.length > 0) out.push(...heldBack);
      heldBack = out.length > 0 ? late : [...heldBack, ...late];
      log.push(...out);
      return out;
    },
    retained: (): readonly ChangeEvent[] => {
      const since = now().getTime() - RETENTION_MS;
      if ((log[0]?.at ?? Infinity) < since) log = log.filter((each) => each.at >= since);
      return log;
    },
    clear: (): void => {
      log = [];
      heldBack = [];
    },
  };
}

/** Change Data Capture: an event for each change of a record, in transactions, under opaque and gappy replay ids. */
export function createChangeEvents(deps: Deps): ChangeEvents {
  const current = new AsyncLocalStorage<Transaction>();
  const press = createPress(deps);
  const log = createLog(deps);
  const listeners: ((events: readonly ChangeEvent[]) => void)[] = [];

  const publish = (transaction: Transaction): void => {
    if (transaction.changes.length === 0) return;
    const out = log.add(press(transaction));
    for (const listener of listeners) listener(out);
  };
  const isPublished = (object: TwinObject): boolean =>
    !WITHOUT.has(object.name) && !object.name.endsWith('History');
  const note = (change: Change): void => {
    if (!isPublished(change.object)) return;
    const transaction = current.getStore();
    if (transaction === undefined) publish({ origin: SCREEN, changes: [change] });
    else transaction.changes.push(change);
  };
  return {
    isPublished,
    watch: (state) => watched(state, note),
    transaction: (origin, work) => {
      const transaction: Transaction = { origin, changes: [] };
      const result = current.run(transaction, work);
      const end = (): void => publish(transaction);
      if (result instanceof Promise) result.then(end, end);
      else end();
      return result;
    },
    after: (replayId) => log.retained().filter((each) => each.replayId > replayId),
    isRetained: (replayId) => log.retained().some((each) => each.replayId === replayId),
    subscribe: (listener) => void listeners.push(listener),
    reset: () => log.clear(),
  };
}
