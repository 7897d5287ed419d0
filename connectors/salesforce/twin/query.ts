import type { JsonObject } from '../../../src/sdk/kernel.ts';
import { seededRandom, type Faults } from '../../../src/sdk/twin-kit/faults.ts';
import { renderAggregates, rowRenderer } from './render.ts';
import { nthId } from './nth-id.ts';
import { parseSoql, type SoqlQuery } from './soql-parse.ts';
import { selectRecords } from './soql-run.ts';
import type { TwinRecord, TwinState } from './state.ts';
import { vendorError, VendorRefusal } from './vendor-error.ts';

/** A locator dies after 15 idle minutes of the sandbox's clock. */
const LOCATOR_LIFE_MS = 15 * 60_000;
const PAGE = { least: 200, most: 2000 } as const;
/** One full page in so many is shorter than asked for: the vendor promises no size. */
const SHORT_PAGE_RATE = 0.03;

interface Cursor {
  readonly query: SoqlQuery;
  readonly records: readonly TwinRecord[];
  readonly matched: number;
  touchedAt: number;
}

/** A query for nothing else lists keys: what a fault drops still shows there, so it can be named. */
const KEY_FIELDS = new Set(['id', 'systemmodstamp']);

export interface QueryContext {
  readonly version: string;
  /** The `Sforce-Query-Options` header, such as `batchSize=200`. */
  readonly options: string;
}

export interface TwinQueries {
  run(soql: string, withDeleted: boolean, context: QueryContext): JsonObject;
  more(locator: string, context: QueryContext): JsonObject;
  reset(): void;
}

function batchSize(options: string): number {
  const wanted = Number(/batchSize=(\d+)/.exec(options)?.[1] ?? PAGE.most);
  return Math.min(PAGE.most, Math.max(PAGE.least, wanted));
}

/**
 * `page_shift` (`{ rows? }`): as a query runs, the oldest rows of its object are changed by somebody and move to the end
 * of the order by change stamp.
 */
function shiftRows(state: TwinState, faults: Faults, object: string): void {
  const rule = faults.fires('page_shift', object);
  if (rule === undefined) return;
  const live = state.ordered(object).filter(({ values }) => values.get('IsDeleted') !== true);
  for (const record of live.slice(0, Number(rule.with?.['rows'] ?? 1)))
    state.touch(record, new Map());
}

/** An open result, unless it was idle for too long or `expire_locator` makes the server forget it. */
function live(cursors: Map<string, Cursor>, id: string, faults: Faults, now: number): Cursor {
  const cursor = cursors.get(id);
  const isForgotten =
    cursor === undefined ||
    now - cursor.touchedAt > LOCATOR_LIFE_MS ||
    faults.fires('expire_locator', cursor.query.object) !== undefined;
  if (isForgotten) {
    cursors.delete(id);
    throw new VendorRefusal(400, vendorError('INVALID_QUERY_LOCATOR', 'invalid query locator'));
  }
  cursor.touchedAt = now;
  return cursor;
}

/** Query, its pages and its locators. */
export function createQueries(deps: {
  readonly state: TwinState;
  readonly faults: Faults;
  readonly now: () => Date;
  readonly seed: number;
}): TwinQueries {
  const { state, faults, now } = deps;
  let random = seededRandom(deps.seed);
  const cursors = new Map<string, Cursor>();
  let opened = 0;

  const pageLength = (left: number, object: string, options: string): number => {
    const size = batchSize(options);
    const short = left > 1 ? faults.fires('short_page', object)?.with?.['rows'] : undefined;
    if (typeof short === 'number') return Math.min(left, Math.max(1, short));
    if (left <= PAGE.least || random() >= SHORT_PAGE_RATE) return Math.min(left, size);
    return Math.min(left, Math.max(1, Math.floor(size * (0.5 + random() / 2))));
  };
  const page = (cursor: Cursor, id: string, from: number, context: QueryContext): JsonObject => {
    const left = cursor.records.length - from;
    const end = from + pageLength(left, cursor.query.object, context.options);
    const done = end >= cursor.records.length;
    const render = rowRenderer(state, context.version, cursor.query.object, cursor.query.fields);
    if (!done) cursors.set(id, cursor);
    return {
      totalSize: cursor.matched,
      done,
      ...(done ? {} : { nextRecordsUrl: `/services/data/${context.version}/query/${id}-${end}` }),
      records: cursor.records.slice(from, end).map(render),
    };
  };

  return {
    run: (soql, withDeleted, context) => {
      const query = parseSoql(soql);
      if (query.fields.length > 0) shiftRows(state, faults, query.object);
      const isRowQuery = query.fields.some((name) => !KEY_FIELDS.has(name.toLowerCase()));
      const hides = isRowQuery
        ? (record: TwinRecord): boolean => faults.drops(record.object.name, record.id)
        : (): boolean => false;
      const { records, matched } = selectRecords(state, query, { withDeleted, hides });
      if (query.aggregates.length > 0) {
        const row = renderAggregates(state, query, records);
        return { totalSize: 1, done: true, records: [row] };
      }
      if (query.fields.length === 0) return { totalSize: matched, done: true, records: [] };
      opened += 1;
      const cursor: Cursor = { query, records, matched, touchedAt: now().getTime() };
      return page(cursor, nthId('01g', opened), 0, context);
    },
    more: (locator, context) => {
      const [id = '', from = ''] = locator.split('-');
      const cursor = live(cursors, id, faults, now().getTime());
      return page(cursor, id, Number(from), context);
    },
    reset: () => {
      cursors.clear();
      random = seededRandom(deps.seed);
    },
  };
}
