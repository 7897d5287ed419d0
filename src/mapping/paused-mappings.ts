import type { TenantTx } from '../db/store.ts';
import type { ObjectShape, SchemaChange } from './schema-difference.ts';
import type { SchemaPlace } from './known-schemas.ts';
import type { FieldRead } from './fields-read.ts';

/** Why a mapping is not used for a connection now, or what changed under one that is. */
export interface MappingPause {
  readonly mappingId: string;
  readonly mappingVersion: number;
  /** The stream whose pages wait. */
  readonly stream: string;
  /** Where the field is: the same stream, or one that the mapping includes. */
  readonly fieldStream: string;
  readonly field: string;
  readonly kind: 'gone' | 'retyped' | 'locked' | 'option_gone' | 'option_new';
  /** The type that the field had, the option that is missing, or the one that is new. */
  readonly expected: string;
  /** False for a change that the mapping works with: it is shown, and nothing waits. */
  readonly pauses: boolean;
  /** Outbound: the mapping writes the field, and what it made is not sent. */
  readonly direction: 'inbound' | 'outbound';
  readonly since: Date;
}

/** What of a mapping decides whether a change concerns it. */
export interface WatchedPlan {
  readonly kind: 'inbound' | 'outbound';
  readonly id: string;
  readonly version: number;
  readonly source: { readonly stream: string };
  /** What it reads; of an outbound mapping what it writes. */
  readonly reads: readonly FieldRead[];
  readonly texts: ReadonlySet<string>;
}

/** The pauses that a change of one object means for mappings: of a field that they read, or of an option that they name. */
export function pausesFor(
  plans: readonly WatchedPlan[],
  stream: string,
  changes: readonly SchemaChange[],
): readonly Omit<MappingPause, 'since'>[] {
  return plans.flatMap((plan) =>
    changes.flatMap(({ field, kind, before, after }) => {
      if (kind === 'new' || !readsField(plan, stream, field) || isHarmless(plan, kind)) return [];
      if (kind === 'option_gone' && !plan.texts.has(before)) return [];
      return [
        {
          mappingId: plan.id,
          mappingVersion: plan.version,
          stream: plan.source.stream,
          fieldStream: stream,
          field,
          kind,
          expected: kind === 'option_new' ? after : before,
          pauses: kind !== 'option_new',
          direction: plan.kind,
        },
      ];
    }),
  );
}

/** A field that takes no values can be read, and a mapping that writes one knows the options that it writes. */
function isHarmless(plan: WatchedPlan, kind: SchemaChange['kind']): boolean {
  return plan.kind === 'inbound' ? kind === 'locked' : kind === 'option_new';
}

/** The rows that read a field, or write it. */
export function rowsOn({ reads }: WatchedPlan, stream: string, field: string): readonly string[] {
  const name = field.toLowerCase();
  const on = reads.filter((each) => each.stream === stream && each.field.toLowerCase() === name);
  return [...new Set(on.flatMap(({ rows }) => rows))];
}

/** Systems spell a field in one case where they describe it and in another where they give it. */
export function readsField({ reads }: WatchedPlan, stream: string, field: string): boolean {
  const name = field.toLowerCase();
  return reads.some((each) => each.stream === stream && each.field.toLowerCase() === name);
}

/** True if the object is again as the paused mapping expects it. */
export function isBack({ kind, field, expected }: MappingPause, shape: ObjectShape): boolean {
  const found = shape[field];
  if (found === undefined) return kind === 'option_new';
  if (kind === 'option_new') return !found.options.includes(expected);
  if (kind === 'locked') return found.readOnly !== true;
  return kind === 'option_gone' ? found.options.includes(expected) : found.type === expected;
}

/** True if the mapping that was paused is not in effect any more, or no longer reads what is missing. */
export function isOutdated(pause: MappingPause, plans: readonly WatchedPlan[]): boolean {
  const plan = plans.find(({ id }) => id === pause.mappingId);
  if (plan === undefined || plan.version !== pause.mappingVersion) return true;
  return !readsField(plan, pause.fieldStream, pause.field);
}

const COLUMNS = `p.mapping_id as "mappingId", p.mapping_version as "mappingVersion", p.stream,
  p.field_stream as "fieldStream", p.field, p.kind, p.expected, p.pauses, p.direction, p.since`;

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

/** Every pause of the company, with the connection that it is for, oldest first. */
export async function listAllPauses(
  tx: TenantTx,
): Promise<readonly (MappingPause & { readonly connection: string })[]> {
  return tx.sql<MappingPause & { readonly connection: string }>(
    `select ${COLUMNS}, p.connection from mapping_pause p order by p.since, p.mapping_id, p.field`,
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
      `insert into mapping_pause (tenant_id, connection, mapping_id, mapping_version, stream, field_stream, field, kind, expected,
         pauses, direction)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing`,
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
        pause.pauses,
        pause.direction,
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
  return tx.sql<SchemaPlace>(
    `select distinct p.connection, p.stream from mapping_pause p where p.pauses and p.direction = 'inbound'`,
  );
}

/** The ids of the mappings that are paused on one object of a connection. */
export async function pausedOn(
  tx: TenantTx,
  { connection, stream }: SchemaPlace,
  direction: MappingPause['direction'],
): Promise<ReadonlySet<string>> {
  const rows = await tx.sql<{ id: string }>(
    `select distinct p.mapping_id as id from mapping_pause p
     where p.connection = $1 and p.stream = $2 and p.direction = $3 and p.pauses`,
    [connection, stream, direction],
  );
  return new Set(rows.map(({ id }) => id));
}
