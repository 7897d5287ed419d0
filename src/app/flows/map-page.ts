import type { TenantTx } from '../../db/store.ts';
import { getConnection, type Connection } from '../../intake/connections.ts';
import { landedRecords, type LandedRecord } from '../../intake/landing.ts';
import { markMapped, takeUnmappedPage } from '../../intake/pages.ts';
import { quarantineUnmapped, resolveQuarantine } from '../../intake/quarantine.ts';
import type { RefusedFact } from '../../ledger/fact.ts';
import { lockWriter, recordFacts, type NewFact, type RecordFacts } from '../../ledger/facts.ts';
import { activePlans } from '../../mapping/active-plans.ts';
import type { MapContext, MappedFact, MappingPlan } from '../../mapping/mapping-plan.ts';
import { dependentsOf, recordDependencies } from '../../mapping/dependencies.ts';
import { loadLookups } from '../../mapping/load-lookups.ts';
import type { JobContext, MapPagePayload } from '../../sdk/flows.ts';
import type { Deps } from '../deps.ts';
import { followRun } from '../follow-ups.ts';

interface Failure {
  readonly recordId: string;
  readonly code: string;
  readonly reason: string;
  readonly field: string | null;
  readonly mappingId: string;
  readonly mappingVersion: number;
}

/**
 * Maps the changed records of one landed page, and the records that include one of them, into facts; what does not
 * map is quarantined with its reason. All of it commits together, so a page is mapped or it is not.
 */
export async function mapPage(
  deps: Deps,
  context: JobContext,
  payload: MapPagePayload,
): Promise<void> {
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    const page = await takeUnmappedPage(tx, payload);
    if (page === null) return;
    const connection = await getConnection(tx, page.connection);
    // Before anything is read: a page and the page of a record that it includes must not miss each other.
    await lockWriter(tx, connection.id);
    const mapper = createMapper(deps, tx, connection, payload.runId);
    let facts = await mapper.map(payload.stream, page.changedIds);
    const dependents = await dependentsOf(tx, {
      connection: connection.id,
      stream: payload.stream,
      ids: page.changedIds,
    });
    for (const [stream, each] of Map.groupBy(dependents, (dependent) => dependent.stream)) {
      facts += await mapper.map(
        stream,
        each.map((dependent) => dependent.id),
      );
    }
    await markMapped(tx, payload, facts);
    await followRun(deps, tx, { id: payload.runId, connection: connection.id });
  });
}

function createMapper(deps: Deps, tx: TenantTx, connection: Connection, runId: string) {
  const startedAt = deps.clock.now().toISOString();

  const map = async (stream: string, ids: readonly string[]): Promise<number> => {
    const records = await landedRecords(tx, connection.id, stream, ids);
    const plans = await activePlans(tx, deps.mappings, {
      connector: connection.connector,
      connection: connection.id,
      object: stream,
    });
    let facts = 0;
    for (const plan of plans) facts += await mapWith(plan, stream, records);
    return facts;
  };

  const mapWith = async (
    plan: MappingPlan,
    stream: string,
    records: readonly LandedRecord[],
  ): Promise<number> => {
    const scope = { connection: connection.id, stream, mappingId: plan.id };
    const children = records.map((record) => ({
      id: record.recordId,
      parents: record.deleted ? [] : plan.includeRefs(asSource(record)),
    }));
    if (plan.includes.length > 0) await recordDependencies(tx, scope, children);
    const mapContext = await contextOf(
      plan,
      children.flatMap((child) => child.parents),
    );
    const { mapped, failures } = mapAll(plan, records, mapContext);
    const changes = await recordFacts(tx, { ...scope, mappingVersion: plan.version }, mapped);
    const refused = changes.refused.map((each) => refusal(plan, each));
    const bad = new Set([...failures, ...refused].map((failure) => failure.recordId));
    const good = records.map((record) => record.recordId).filter((id) => !bad.has(id));
    await resolveQuarantine(tx, { connection: connection.id, stream }, 'mapping', plan.id, good);
    await quarantineUnmapped(tx, { runId, connection: connection.id, stream }, [
      ...failures,
      ...refused,
    ]);
    return changes.recorded;
  };

  const contextOf = async (
    plan: MappingPlan,
    refs: readonly { readonly stream: string; readonly id: string }[],
  ): Promise<MapContext> => {
    const landed = new Map<string, LandedRecord['data']>();
    for (const [stream, each] of Map.groupBy(refs, (ref) => ref.stream)) {
      const ids = [...new Set(each.map((ref) => ref.id))];
      for (const record of await landedRecords(tx, connection.id, stream, ids)) {
        if (!record.deleted) landed.set(`${stream}/${record.recordId}`, record.data);
      }
    }
    return {
      lookups: await loadLookups(tx, plan.lookups),
      landed: (stream, id) => landed.get(`${stream}/${id}`) ?? null,
      startedAt,
    };
  };

  return { map };
}

/** A record that fails keeps the facts that it gave before: what was known stays until something better is known. */
function mapAll(
  plan: MappingPlan,
  records: readonly LandedRecord[],
  context: MapContext,
): { readonly mapped: readonly RecordFacts[]; readonly failures: readonly Failure[] } {
  const mapped: RecordFacts[] = [];
  const failures: Failure[] = [];
  for (const record of records) {
    const base = { recordId: record.recordId, recordHash: record.contentHash };
    const result = record.deleted
      ? ({ kind: 'skipped' } as const)
      : plan.mapRecord(asSource(record), context);
    if (result.kind === 'failed') {
      const { code, message, row } = result;
      failures.push({
        recordId: record.recordId,
        code,
        reason: message,
        field: row,
        mappingId: plan.id,
        mappingVersion: plan.version,
      });
    } else
      mapped.push({ ...base, facts: result.kind === 'mapped' ? result.facts.map(asNewFact) : [] });
  }
  return { mapped, failures };
}

/** The plan has checked the body against the noun's schema. */
function asNewFact(fact: MappedFact): NewFact {
  return fact as unknown as NewFact;
}

function asSource(record: LandedRecord) {
  return { id: record.recordId, stamp: record.stamp, data: record.data };
}

function refusal(plan: MappingPlan, { recordId, code, reason }: RefusedFact): Failure {
  return {
    recordId,
    code,
    reason,
    field: 'externalRef',
    mappingId: plan.id,
    mappingVersion: plan.version,
  };
}
