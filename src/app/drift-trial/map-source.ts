import { InternalError } from '../../kernel/errors.ts';
import { hashJson } from '../../kernel/hash.ts';
import type { Builtins } from '../../mapping/builtin.ts';
import { lookupTables } from '../../mapping/lookups.ts';
import type { MapContext, MappingPlan } from '../../mapping/mapping-plan.ts';
import type { SourceRecord } from '../../sdk/record.ts';
import type { SourceRecords } from './read-source.ts';
import type { Statement } from './trial-ledger.ts';

/** The shipped mappings that make facts of what a connector reads. */
export function inboundPlans(builtins: Builtins, connector: string): readonly MappingPlan[] {
  return builtins.mappings.flatMap((mapping) => {
    const plan = builtins.plan(mapping);
    return plan.kind === 'inbound' && plan.source.connection === connector ? [plan] : [];
  });
}

/**
 * What the shipped mappings make of a source, tables of companies being empty. Throws InternalError for a record that a
 * mapping cannot take: a sample company has none that a person would have to look at.
 */
export function mapSource(
  plans: readonly MappingPlan[],
  connection: string,
  read: SourceRecords,
  startedAt: string,
): readonly Statement[] {
  const landed = new Map(
    [...read].flatMap(([stream, records]) =>
      records.map((record) => [`${stream}/${record.id}`, record.data] as const),
    ),
  );
  const context: MapContext = {
    lookups: lookupTables({}),
    landed: (stream, id) => landed.get(`${stream}/${id}`) ?? null,
    startedAt,
  };
  return plans.flatMap((plan) =>
    (read.get(plan.source.stream) ?? [])
      .filter(({ deleted }) => deleted === plan.mapsDeleted)
      .flatMap((record) => statementsOf(plan, connection, record, context)),
  );
}

function statementsOf(
  plan: MappingPlan,
  connection: string,
  record: SourceRecord,
  context: MapContext,
): readonly Statement[] {
  const result = plan.mapRecord(record, context);
  if (result.kind === 'skipped') return [];
  if (result.kind === 'failed')
    throw new InternalError(
      `${plan.id} cannot take record ${record.id} of ${connection}: ${result.message}`,
    );
  const lineage = {
    stream: plan.source.stream,
    recordId: record.id,
    recordHash: hashJson(record.data),
    mappingId: plan.id,
    mappingVersion: plan.version,
  };
  return result.facts.map(({ noun, body }) => ({ noun, connection, body, lineage }));
}
