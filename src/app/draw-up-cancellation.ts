import type { TenantTx } from '../db/store.ts';
import type { Effect, EffectSubject, MappingRef } from '../delivery/effect.ts';
import type { Plan } from '../delivery/plans.ts';
import { fieldsOf, valueAt } from '../delivery/three-way.ts';
import { stillWritten, writtenPages, type WrittenRecord } from '../delivery/undo-writes.ts';
import { isLive, listConnections } from '../intake/connections.ts';
import { hashJson, type Json, type JsonObject } from '../kernel/hash.ts';
import { getChange, type MappingChange } from '../mapping/changes.ts';
import type { CancellationOffer } from '../sdk/write.ts';
import { connectorOf } from './connector-of.ts';
import type { PlanBody } from './deal-planning.ts';
import type { Deps } from './deps.ts';

/** A record that a rolled back version made, as a plan offers it for cancellation. */
export interface CancelledRecord {
  readonly connection: string;
  readonly object: string;
  readonly externalId: string;
  readonly canonicalId: string;
  readonly vendorId: string | null;
  readonly about?: EffectSubject | null;
  /** What a person knows it by: its name or number there. */
  readonly label: string;
  /** How the other system cancels it: `closed as lost`. */
  readonly as: string;
  readonly fields: JsonObject;
  readonly present: JsonObject;
}

/** A record that is not offered, with the reason. */
type RefusedRecord = Omit<CancelledRecord, 'as' | 'fields' | 'present'> & {
  readonly reason: string;
};

/** What a plan of kind `cancellation` says beside what all plans say. */
export interface CancellationBody extends PlanBody {
  readonly cancellation: {
    readonly changeId: string;
    readonly mappingId: string;
    readonly versions: readonly number[];
    readonly records: readonly CancelledRecord[];
    readonly refused: readonly RefusedRecord[];
  };
}

/** True for a plan that cancels what a rolled back version made. */
export function isCancellation(plan: Plan<PlanBody>): plan is Plan<CancellationBody> {
  return plan.kind === 'cancellation';
}

/** What a plan of one request is kept under. */
export function cancellationSubject(changeId: string): string {
  return `mapping-change:${changeId}`;
}

/** Records of one plan: a person reads them all. What is left comes with the next, once these are cancelled. */
const MOST = 500;

interface Made {
  readonly change: MappingChange;
  readonly versions: readonly number[];
  readonly records: readonly WrittenRecord[];
  /** Of those, what the version in effect writes too. */
  readonly stillWritten: ReadonlySet<string>;
  readonly whole: boolean;
}

/**
 * Draws up what a rolled back request's versions made and how each of it would be cancelled, as its system shows it now.
 * Records that the version in effect writes too are not offered. Null where nothing was made. Throws the remote error of a
 * system that does not answer.
 */
export async function drawUpCancellation(
  deps: Deps,
  tenantId: string,
  changeId: string,
): Promise<CancellationBody | null> {
  const made = await deps.store.readTenant(tenantId, (tx) => madeBy(tx, changeId));
  if (made === null) return null;
  const open = made.records.filter(({ externalId }) => !made.stillWritten.has(externalId));
  const records: CancelledRecord[] = [];
  const refused: RefusedRecord[] = made.records
    .filter(({ externalId }) => made.stillWritten.has(externalId))
    .map((record) =>
      refuse(record, `${made.change.mappingId}, as it is in effect, writes it too.`),
    );
  for (const [, list] of Map.groupBy(open, ({ connection, object }) => `${connection}/${object}`)) {
    const drawn = await drawUpObject(deps, tenantId, list);
    records.push(...drawn.records);
    refused.push(...drawn.refused);
  }
  return bodyOf(made, records, refused);
}

/** The hash that an approval binds to: what is done to what, as it was seen, and what is left alone. */
export function cancellationHash({ cancellation }: CancellationBody): string {
  const { changeId, records, refused } = cancellation;
  return hashJson({
    changeId,
    records: records.map(({ connection, object, externalId, fields, present }) => ({ connection, object, externalId, fields, present })), // prettier-ignore
    refused: refused.map(({ externalId, reason }) => ({ externalId, reason })),
  });
}

async function madeBy(tx: TenantTx, changeId: string): Promise<Made | null> {
  const change = await getChange(tx, changeId);
  const { outcome, mappingId } = change;
  if (outcome === null || outcome.created === 0) return null;
  const versions = { mappingId, versions: outcome.undone };
  const records: WrittenRecord[] = [];
  for await (const page of writtenPages(tx, versions, { created: true })) {
    records.push(...page);
    if (records.length > MOST) break;
  }
  const ids = records.map(({ externalId }) => externalId);
  return {
    change,
    versions: outcome.undone,
    records: records.slice(0, MOST),
    stillWritten: await stillWritten(tx, versions, { changeId, externalIds: ids }),
    whole: records.length <= MOST,
  };
}

interface Drawn {
  readonly records: readonly CancelledRecord[];
  readonly refused: readonly RefusedRecord[];
}

/** The records of one object of one connection. */
async function drawUpObject(
  deps: Deps,
  tenantId: string,
  records: readonly WrittenRecord[],
): Promise<Drawn> {
  const [{ connection: id, object } = { connection: '', object: '' }] = records;
  const all = await deps.store.readTenant(tenantId, (tx) => listConnections(tx));
  const connection = all.find((each) => each.id === id && isLive(each));
  if (connection === undefined)
    return { records: [], refused: records.map((each) => refuse(each, `There is no connection "${id}" any more.`)) }; // prettier-ignore
  const { writers } = connectorOf(deps.registry, connection.connector);
  const writer = writers.find((each) => each.object === object);
  const session = await deps.sessions.of(tenantId, id);
  if (writer?.cancel === undefined || session.cancellations === undefined) {
    const reason = `${connection.connector} has no way of cancelling ${object} from outside. Cancel it there.`;
    return { records: [], refused: records.map((each) => refuse(each, reason)) };
  }
  const offers: CancellationOffer[] = [];
  for (let at = 0; at < records.length; at += writer.batch) {
    const batch = records.slice(at, at + writer.batch).map(({ externalId }) => externalId);
    offers.push(...(await session.cancellations(object, batch)));
  }
  return split(records, offers, writer.cancel);
}

function split(
  records: readonly WrittenRecord[],
  offers: readonly CancellationOffer[],
  as: string,
): Drawn {
  const byId = Map.groupBy(offers, ({ externalId }) => externalId);
  const drawn = { records: [] as CancelledRecord[], refused: [] as RefusedRecord[] };
  for (const record of records) {
    const [offer, another] = byId.get(record.externalId) ?? [];
    if (offer === undefined) drawn.refused.push(refuse(record, 'It is not there any more.'));
    else if (another !== undefined)
      drawn.refused.push(refuse(record, 'Two records carry its external id. Look at both.'));
    else if (offer.refused !== undefined)
      drawn.refused.push({ ...refuse(record, offer.refused), label: offer.label });
    else {
      const { label, vendorId, fields, present } = offer;
      drawn.records.push({ ...placeOf(record), vendorId, label, as, fields, present });
    }
  }
  return drawn;
}

function placeOf({ connection, object, externalId, canonicalId, about = null }: WrittenRecord) {
  return { connection, object, externalId, canonicalId, about };
}

function refuse(record: WrittenRecord, reason: string): RefusedRecord {
  const { vendorId, canonicalId } = record;
  return { ...placeOf(record), vendorId, label: vendorId ?? canonicalId, reason };
}

function bodyOf(
  { change, versions, whole }: Made,
  records: readonly CancelledRecord[],
  refused: readonly RefusedRecord[],
): CancellationBody {
  const mapping = { id: change.mappingId, version: change.publishedVersion ?? 0 };
  const effects = records.map((record) => effectOf(record, mapping, change.id));
  const which = versions.length === 1 ? 'version' : 'versions';
  const problems = refused.map(({ object, label, reason }) => ({ code: 'not_cancellable', message: `${object} ${label}: ${reason}`, subject: label })); // prettier-ignore
  return {
    dealId: cancellationSubject(change.id),
    opportunity: {
      connection: records[0]?.connection ?? '',
      ref: change.id,
      name: `Records that ${change.mappingId} ${which} ${versions.toReversed().join(', ')} made`,
    },
    total: null,
    entitlements: [],
    order: null,
    effects,
    // What cannot be cancelled stands in the way of nothing but itself.
    problems: records.length === 0 ? problems : [],
    inputs: [],
    mappings: [mapping],
    contentHash: hashJson({ effects: effects.map(({ object, canonicalId, fields }) => ({ object, canonicalId, fields })) }), // prettier-ignore
    notes: [
      ...(records.length === 0 ? [] : problems.map(({ message }) => `Not cancelled: ${message}`)),
      ...(whole ? [] : [`These are the first ${MOST}. The rest is offered once they are done.`]),
    ],
    cancellation: { changeId: change.id, mappingId: change.mappingId, versions, records, refused },
  };
}

/** It is written only where the record is still as it was seen: whoever moved it meanwhile had a reason. */
function effectOf(record: CancelledRecord, mapping: MappingRef, changeId: string): Effect {
  const { connection, object, canonicalId, fields, present, about = null } = record;
  const expects = Object.fromEntries(
    fieldsOf(fields).map((field): [string, readonly Json[]] => [
      field,
      [valueAt(present, field) ?? null],
    ]),
  );
  return {
    connection,
    object,
    canonicalId,
    vendorId: null,
    about,
    fields,
    mapping,
    asDecided: true,
    expects,
    changeId,
  };
}
