import { hashJson, type JsonObject } from '../../src/sdk/kernel.ts';
import type { SourceRecord, UnreadableRecord } from '../../src/sdk/record.ts';
import type { LicenceUse } from './log-line.ts';
import type { Lmstat } from './read-lmstat.ts';
import type { ReadLog } from './read-log.ts';

/** What a stream of the files holds. */
export interface Rows {
  readonly records: readonly SourceRecord[];
  readonly unreadable: readonly UnreadableRecord[];
}

const iso = (at: number): string => new Date(at).toISOString();

function useData(server: string, daemon: string, use: LicenceUse): JsonObject {
  const { feature, product, user, host, licences } = use;
  return { server, daemon, feature, product, user, host, licences };
}

/** Longer ids do not fit an external reference; they are told apart by their hash. */
const LONGEST = 240;

/** Makes ids: what tells a use apart, and a number where the log has the same again in one second. */
function createNumbers() {
  const seen = new Map<string, number>();
  return (parts: readonly string[]): string => {
    const spelled = parts.join('|');
    const key = spelled.length > LONGEST ? `${parts[0] ?? ''}|${hashJson([...parts])}` : spelled;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return times === 1 ? key : `${key}#${times}`;
  };
}

const waits = (id: string, code: string, reason: string): UnreadableRecord => ({
  id,
  code,
  reason,
  outcome: 'quarantined',
});

/** The key of the line behind the id of one that waits; null for any other id. */
export function lineOf(id: string): string | null {
  return /^line\|([0-9a-f]+)(?:#\d+)?$/.exec(id)?.[1] ?? null;
}

/**
 * Lines that tell of a use, or of its end, and cannot be landed wait for a person. A check-in that cannot be read at all
 * is refused: it tells of no use of its own.
 */
function badRows(log: ReadLog, ...verbs: readonly string[]): readonly UnreadableRecord[] {
  const idOf = createNumbers();
  return log.bad
    .filter(({ verb }) => verbs.includes(verb))
    .map(({ key, verb, code, reason }) =>
      verb === 'IN' && code === 'unreadable_line'
        ? { id: null, code, reason, outcome: 'rejected' }
        : waits(idOf(['line', key]), code, reason),
    );
}

const identity = (server: string, daemon: string, use: LicenceUse, at: number): readonly string[] => [
  server, daemon, use.feature, use.product ?? '', `${use.user}@${use.host}`, iso(at),
]; // prettier-ignore

/** One record for each check-out. */
export function checkoutRows(server: string, log: ReadLog): Rows {
  const idOf = createNumbers();
  return {
    records: log.checkouts.map((each) => ({
      id: idOf(identity(server, each.daemon, each, each.outAt)),
      stamp: iso(each.inAt ?? each.outAt),
      deleted: false,
      data: {
        ...useData(server, each.daemon, each),
        out_at: iso(each.outAt),
        in_at: each.inAt === null ? null : iso(each.inAt),
        end_reason: each.endReason,
        borrowed_until: each.lingers === null ? null : iso(each.outAt + each.lingers * 1000),
      },
    })),
    unreadable: badRows(log, 'OUT', 'IN'),
  };
}

/** One record for each refusal. */
export function denialRows(server: string, log: ReadLog): Rows {
  const idOf = createNumbers();
  return {
    records: log.denials.map((each) => ({
      id: idOf(identity(server, each.daemon, each, each.at)),
      stamp: iso(each.at),
      deleted: false,
      data: {
        ...useData(server, each.daemon, each),
        at: iso(each.at),
        reason: each.reason,
        reason_code: /\((-?\d+)[,:)]/.exec(each.reason ?? '')?.[1] ?? null,
      },
    })),
    unreadable: badRows(log, 'DENIED', 'UNSUPPORTED'),
  };
}

/** One record for each feature. A feature that stands twice is a record and a row that waits for a person. */
export function featureRows(server: string, { at, features, bad }: Lmstat): Rows {
  const records: SourceRecord[] = [];
  const unreadable: UnreadableRecord[] = bad.map(({ line, reason }) =>
    waits(`line:${line}`, 'unreadable_line', reason),
  );
  for (const { feature, line, issued, inUse, holders } of features) {
    const id = `${server}|${feature}`;
    if (at === null || records.some((record) => record.id === id)) {
      const reason =
        at === null
          ? `line ${line}: the output does not say when it was made. Keep the line "Flexible License Manager status on …".`
          : `line ${line}: the feature stands in the output before. Keep one of the two.`;
      unreadable.push(waits(`line:${line}`, 'unreadable_line', reason));
    } else {
      const data = { server, feature, issued, in_use: inUse, at: iso(at), holders: holders.map((each) => ({ ...each })) }; // prettier-ignore
      records.push({ id, stamp: null, deleted: false, data });
    }
  }
  return { records, unreadable };
}
