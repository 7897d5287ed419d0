import type { TenantTx } from '../db/store.ts';
import type { ObjectShape, SchemaChange } from './schema-difference.ts';
import type { SchemaPlace } from './known-schemas.ts';

/** Why a mapping is not used for a connection now. */
export interface MappingPause {
  readonly mappingId: string;
  readonly mappingVersion: number;
  /** The stream whose pages wait. */
  readonly stream: string;
  /** Where the field is: the same stream, or one that the mapping includes. */
  readonly fieldStream: string;
  readonly field: string;
  readonly kind: 'gone' | 'retyped' | 'option_gone';
  /** The type that the field had, or the option that is missing. */
  readonly expected: string;
  readonly since: Date;
}

/** What of a mapping decides whether a change concerns it. */
export interface WatchedPlan {
  readonly id: string;
  readonly version: number;
  readonly source: { readonly stream: string };
  readonly reads: readonly { readonly stream: string; readonly field: string }[];
  readonly texts: ReadonlySet<string>;
}

/** The pauses that a change of one object means for mappings: of a field that they read, or of an option that they name. */
export function pausesFor(
  plans: readonly WatchedPlan[],
  stream: string,
  changes: readonly SchemaChange[],
): readonly Omit<MappingPause, 'since'>[] {
  return plans.flatMap((plan) =>
    changes.flatMap(({ field, kind, before }) => {
      if (kind === 'new' || kind === 'option_new' || !readsField(plan, stream, field)) return [];
      if (kind === 'option_gone' && !plan.texts.has(before)) return [];
      return [
        {
          mappingId: plan.id,
          mappingVersion: plan.version,
          stream: plan.source.stream,
          fieldStream: stream,
          field,
          kind,
          expected: before,
        },
      ];
    }),
  );
}

/** Systems spell a field in one case where they describe it and in another where they give it. */
export function readsField({ reads }: WatchedPlan, stream: string, field: string): boolean {
  const name = field.toLowerCase();
  return reads.some((each) => each.stream === stream && each.field.toLowerCase() === name);
}

/** True if the object is again as the paused mapping expects it. */
export function isBack({ kind, field, expected }: MappingPause, shape: ObjectShape): boolean {
  const found = shape[field];
  if (found === undefined) return false;
  return kind === 'option_gone' ? found.options.includes(expected) : found.type === expected;
}

/** True if the mapping that was paused is not in effect any more, or no longer reads what is missing. */
export function isOutdated(pause: MappingPause, plans: readonly WatchedPlan[]): boolean {
  const plan = plans.find(({ id }) => id === pause.mappingId);
  if (plan === undefined || plan.version !== pause.mappingVersion) return true;
  return !readsField(plan, pause.fieldStream, pause.field);
}

const COLUMNS = `p.mapping_id as "mappingId", p.mapping_version as "mappingVersion", p.stream,
  p.field_stream as "fieldStream", p.field, p.kind, p.expected, p.since`;

/** The pauses of a connection, oldest first. */
export async function listPauses(
  tx: TenantTx,
  connection: string,
): Promise<readonly MappingPause[]> {
  return tx.sql<MappingPause>(
    `select ${COLUMNS} from mapping_pause p where p.connection = $1 order by p.since, p.mapping_id, p.field`,
    [connection],
  );
}

/** Pauses mappings for a connection. Returns those that were not paused for that reason before. */
export async function pauseMappings(
  tx: TenantTx,
  connection: string,
  pauses: readonly Omit<MappingPause, 'since'>[],
): Promise<readonly Omit<MappingPause, 'since'>[]> {
  const made: Omit<MappingPause, 'since'>[] = [];
  for (const pause of pauses) {
    const rows = await tx.run(
      `insert into mapping_pause (tenant_id, connection, mapping_id, mapping_version, stream, field_stream, field, kind, expected)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
      [
        tx.tenantId,
        connection,
        pause.mappingId,
        pause.mappingVersion,
        pause.stream,
        pause.fieldStream,
        pause.field,
        pause.kind,
        pause.expected,
      ],
    );
    if (rows > 0) made.push(pause);
  }
  return made;
}

/** Ends pauses. What waited is to be mapped by whoever ends them. */
export async function endPauses(
  tx: TenantTx,
  connection: string,
  pauses: readonly MappingPause[],
): Promise<void> {
  for (const { mappingId, fieldStream, field, kind, expected } of pauses) {
    await tx.run(
      `delete from mapping_pause where connection = $1 and mapping_id = $2 and field_stream = $3 and field = $4
         and kind = $5 and expected = $6`,
      [connection, mappingId, fieldStream, field, kind, expected],
    );
  }
}

/** Every stream of this company whose pages wait for a paused mapping. */
export async function pausedStreams(tx: TenantTx): Promise<readonly SchemaPlace[]> {
  return tx.sql<SchemaPlace>(`select distinct p.connection, p.stream from mapping_pause p`);
}
