import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { RecordsById } from '../sdk/record.ts';
import { leasedTx } from './leased-tx.ts';
import { countLanded, landAndMap, readSource, stateNow, type StreamPull } from './stream-pull.ts';

const READ_AGAIN_AT_ONCE = 200;

/** Reads records by id, whatever their stamp. */
export async function readAgain(
  pull: StreamPull,
  session: ConnectorSession,
  ids: readonly string[],
): Promise<RecordsById> {
  const found: RecordsById[] = [];
  for (let at = 0; at < ids.length; at += READ_AGAIN_AT_ONCE) {
    const some = ids.slice(at, at + READ_AGAIN_AT_ONCE);
    found.push(await readSource(pull, () => session.readByIds(pull.stream, some)));
  }
  return joined(found);
}

/** Several answers as one. */
export function joined(found: readonly RecordsById[]): RecordsById {
  return {
    records: found.flatMap(({ records }) => records),
    unreadable: found.flatMap(({ unreadable }) => unreadable),
  };
}

/**
 * How records that were read by id land. `newest wins`: as those of a page. `as read`: also those with an older stamp
 * than we hold, unless they landed while this run was under way: the source lists that stamp and gives it by id as well,
 * so its clock was set back after it gave the newer one.
 */
type Landing = 'newest wins' | 'as read';

/** Lands what was read by id as one more page of the read, the unreadable in quarantine. Returns how many were late. */
export async function land(
  pull: StreamPull,
  { records, unreadable }: RecordsById,
  landing: Landing = 'newest wins',
): Promise<number> {
  if (records.length + unreadable.length === 0) return 0;
  const { pages, since, window } = await stateNow(pull);
  const repeat = landing === 'as read' ? { stampsRepeat: Number.POSITIVE_INFINITY } : {};
  const landed = await leasedTx(pull.deps, pull.context, (tx) =>
    landAndMap(
      tx,
      pull,
      { pageNumber: pages, since, isFresh: true, window: { ...window, ...repeat } },
      { records, unreadable, next: null },
    ),
  );
  countLanded(pull, landed, window.mode === 'full' ? 'full pass' : 'overlap');
  return landed.late;
}

/** What reading records again by id came to. */
export interface LandedAgain {
  readonly late: number;
  /** The ids of which the source said something, with the stamp that it gave; null where it gave none. */
  readonly given: ReadonlyMap<string, string | null>;
}

/** Reads records by id and lands them, a batch at a time. */
export async function landAgain(
  pull: StreamPull,
  session: ConnectorSession,
  ids: readonly string[],
  landing: Landing = 'newest wins',
): Promise<LandedAgain> {
  const given = new Map<string, string | null>();
  let late = 0;
  for (let at = 0; at < ids.length; at += READ_AGAIN_AT_ONCE) {
    const found = await readAgain(pull, session, ids.slice(at, at + READ_AGAIN_AT_ONCE));
    for (const { id } of found.unreadable) if (id !== null) given.set(id, null);
    for (const { id, stamp } of found.records) given.set(id, stamp);
    late += await land(pull, found, landing);
  }
  return { late, given };
}
