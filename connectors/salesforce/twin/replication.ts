import type { JsonObject } from '../../../src/sdk/kernel.ts';
import type { Faults } from '../../../src/sdk/twin-kit/faults.ts';
import type { Deletion } from './deletions.ts';
import type { TwinObject } from './schema.ts';
import type { TwinState } from './state.ts';
import { vendorError, VendorRefusal } from './vendor-error.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** `getDeleted` reaches back 15 days, `getUpdated` 30. */
const REACH_DAYS = { deleted: 15, updated: 30 } as const;

export interface ReplicationSettings {
  /** Ids that one answer may hold; 600,000 at the vendor. */
  readonly idLimit: number;
  /** The log of deletions begins here, as if older entries had been purged; null: 15 days back. */
  readonly deletionLogFrom: string | null;
}

export interface Replication {
  /** `GET /sobjects/{type}/deleted?start&end`. */
  deleted(object: TwinObject, query: URLSearchParams): JsonObject;
  /** `GET /sobjects/{type}/updated?start&end`. */
  updated(object: TwinObject, query: URLSearchParams): JsonObject;
}

interface Period {
  readonly start: number;
  readonly end: number;
}

function refusal(message: string, code = 'INVALID_REPLICATION_DATE'): VendorRefusal {
  return new VendorRefusal(400, vendorError(code, message));
}

/** The vendor leaves out seconds: 12:30:15 means 12:30:00. */
function toMinute(instant: number): number {
  return Math.floor(instant / MINUTE) * MINUTE;
}

function periodOf(query: URLSearchParams, now: number, days: number): Period {
  const [start = NaN, end = NaN] = ['start', 'end'].map((name) =>
    toMinute(Date.parse(query.get(name) ?? '')),
  );
  if (Number.isNaN(start) || Number.isNaN(end))
    throw refusal('start and end must be date-times such as 2026-03-02T09:00:00+00:00', 'MALFORMED_QUERY'); // prettier-ignore
  if (end - start < MINUTE) throw refusal('endDate must be at least one minute greater than startDate'); // prettier-ignore
  if (start < toMinute(now) - days * DAY)
    throw refusal(`startDate cannot be more than ${days} days ago`);
  return { start, end };
}

function rendered(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}.000+0000`;
}

/**
 * The replication calls. While the fault plan holds a `late` rule for an object, a transaction of so many seconds is
 * taken to run: what lies behind its start is not covered, and deletions of that time are not listed yet.
 */
export function createReplication(deps: {
  readonly state: TwinState;
  readonly faults: Faults;
  readonly now: () => Date;
  readonly settings: ReplicationSettings;
}): Replication {
  const { state, faults, settings } = deps;
  const now = (): number => deps.now().getTime();
  const coveredUpTo = (object: string): number => {
    const lags = faults
      .plan()
      .rules.filter(
        ({ action, match }) =>
          action === 'late' && (match.object === undefined || match.object === object),
      )
      .map((rule) => Number(rule.with?.['seconds'] ?? 0));
    return now() - Math.max(0, ...lags) * 1000;
  };
  const limited = <T>(ids: readonly T[]): readonly T[] => {
    if (ids.length <= settings.idLimit) return ids;
    throw refusal(`The limit of ${settings.idLimit} ids is exceeded`, 'EXCEEDED_ID_LIMIT');
  };
  const covered = (object: string, end: number): string =>
    rendered(toMinute(Math.min(end, coveredUpTo(object))));

  return {
    deleted: (object, query) => {
      const { start, end } = periodOf(query, now(), REACH_DAYS.deleted);
      const isLagging = coveredUpTo(object.name) < now();
      const listed = state.deletions
        .within(object.name, start, end)
        .filter((each: Deletion) => !isLagging || each.at < coveredUpTo(object.name));
      const oldest = toMinute(now()) - REACH_DAYS.deleted * DAY;
      const from =
        settings.deletionLogFrom === null ? oldest : Date.parse(settings.deletionLogFrom);
      return {
        deletedRecords: limited(listed).map(({ id, at }) => ({ id, deletedDate: rendered(at) })),
        earliestDateAvailable: rendered(from),
        latestDateCovered: covered(object.name, end),
      };
    },
    updated: (object, query) => {
      const { start, end } = periodOf(query, now(), REACH_DAYS.updated);
      const ids = state
        .ordered(object.name)
        .filter(({ values }) => {
          const stamp = Number(values.get('SystemModstamp'));
          return stamp >= start && stamp < end && values.get('IsDeleted') !== true;
        })
        .map(({ id }) => id);
      return { ids: [...limited(ids)], latestDateCovered: covered(object.name, end) };
    },
  };
}
