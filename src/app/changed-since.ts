import {
  differsSince,
  undoEffect,
  writtenPages,
  type WrittenRecord,
} from '../delivery/undo-writes.ts';
import { HubError, messageOf, StoreUnavailable } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';
import type { ReadBackRecord } from '../sdk/write.ts';
import type { Deps } from './deps.ts';

/** A field that somebody else changed after the undone versions wrote it. */
interface ChangedSince {
  readonly connection: string;
  readonly object: string;
  readonly externalId: string;
  readonly vendorId: string | null;
  readonly canonicalId: string;
  readonly field: string;
  /** What it was before the versions wrote it: what a roll back would bring back. */
  readonly before: Json;
  /** What the versions wrote last. */
  readonly written: Json;
  /** What the other system holds now. */
  readonly now: Json;
}

/** What was changed since in the records that some versions wrote, as their systems show them now. */
export interface ChangesSince {
  readonly records: number;
  readonly fields: number;
  /** The first of them. */
  readonly first: readonly ChangedSince[];
  /** How many records were looked at. */
  readonly lookedAt: number;
  /** False where not all of them could be looked at in time; what is left is decided when it is written. */
  readonly complete: boolean;
  readonly notes: readonly string[];
}

/** Records that are looked at, and for how long: a person waits for the answer. */
const MOST = 1_000;
const PATIENCE_MS = 15_000;
const SHOWN = 100;
const BATCH = 20;

interface Versions {
  readonly mappingId: string;
  readonly versions: readonly number[];
}

/**
 * Asks the connected systems what they hold of the records that these versions of an outbound mapping wrote, and compares
 * it field by field with what was written. Writes nothing. A system that does not answer is said, and its records count as
 * not looked at.
 */
export async function changesSince(
  deps: Pick<Deps, 'store' | 'sessions'>,
  tenantId: string,
  versions: Versions,
): Promise<ChangesSince> {
  const { records, whole } = await changedRecords(deps, tenantId, versions);
  const until = performance.now() + PATIENCE_MS;
  const notes: string[] = [];
  const found: ChangedSince[] = [];
  let lookedAt = 0;
  const targets = Map.groupBy(records, ({ connection, object }) => `${connection}/${object}`);
  for (const [, list] of targets) {
    for (let at = 0; at < list.length && performance.now() < until; at += BATCH) {
      const batch = list.slice(at, at + BATCH);
      const held = await heldNow(deps, tenantId, batch);
      if (typeof held === 'string') {
        notes.push(held);
        break;
      }
      lookedAt += batch.length;
      found.push(...batch.flatMap((record) => changesOf(record, held)));
    }
  }
  return {
    records: new Set(found.map(({ externalId }) => externalId)).size,
    fields: found.length,
    first: found.slice(0, SHOWN),
    lookedAt,
    complete: whole && lookedAt === records.length,
    notes,
  };
}

/** The records of which something would be brought back, up to so many. */
function changedRecords(
  deps: Pick<Deps, 'store'>,
  tenantId: string,
  versions: Versions,
): Promise<{ readonly records: readonly WrittenRecord[]; readonly whole: boolean }> {
  return deps.store.readTenant(tenantId, async (tx) => {
    const records: WrittenRecord[] = [];
    for await (const page of writtenPages(tx, versions)) {
      records.push(...page.filter((record) => undoEffect(record, NO_MAPPING) !== null));
      if (records.length > MOST) return { records: records.slice(0, MOST), whole: false };
    }
    return { records, whole: true };
  });
}

const NO_MAPPING = { id: '', version: 0 };

/** What their system holds of some records of one object, or why it cannot be asked. */
async function heldNow(
  deps: Pick<Deps, 'sessions'>,
  tenantId: string,
  records: readonly WrittenRecord[],
): Promise<readonly ReadBackRecord[] | string> {
  const [{ connection, object } = { connection: '', object: '' }] = records;
  const ours = records.filter(({ targetId }) => targetId === null);
  const theirs = records.flatMap(({ targetId }) => (targetId === null ? [] : [targetId]));
  try {
    const session = await deps.sessions.of(tenantId, connection);
    const externalIds = ours.map(({ externalId }) => externalId);
    return await session.readBack(object, externalIds, theirs);
  } catch (error) {
    if (!(error instanceof HubError) || error instanceof StoreUnavailable) throw error;
    return `What ${connection} holds now of ${object} could not be read: ${messageOf(error)}`;
  }
}

function changesOf(
  record: WrittenRecord,
  held: readonly ReadBackRecord[],
): readonly ChangedSince[] {
  const { connection, object, externalId, targetId, vendorId, canonicalId } = record;
  const shown = held.find((each) =>
    targetId === null ? each.externalId === externalId : each.vendorId === targetId,
  );
  if (shown === undefined) return [];
  const place = { connection, object, externalId, vendorId, canonicalId };
  return differsSince(record, shown.fields).map((field) => ({ ...place, ...field }));
}
