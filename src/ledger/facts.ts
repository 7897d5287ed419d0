import type { Noun } from '../canonical/nouns.ts';
import type { SqlValue, TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { hashJson } from '../kernel/hash.ts';
import { newId } from '../kernel/ids.ts';
import type { Fact, FactNoun, RefusedFact } from './fact.ts';
import { refuseDuplicates } from './refuse-duplicates.ts';
import { refuseCycles } from './refuse-cycles.ts';

/** The connection name of facts that Trueup decided itself. */
export const OWN_CONNECTION = 'trueup';

/** A fact before the ledger has it. */
export interface NewFact<Name extends FactNoun = FactNoun> {
  readonly noun: Name;
  readonly body: Noun<Name>;
}

/** What one landed record says now under one mapping: all of its facts, or none when it is gone. */
export interface RecordFacts {
  readonly recordId: string;
  readonly recordHash: string;
  readonly facts: readonly NewFact[];
}

export interface FactSource {
  readonly connection: string;
  readonly stream: string;
  readonly mappingId: string;
  readonly mappingVersion: number;
}

export interface FactChanges {
  readonly recorded: number;
  readonly closed: number;
  readonly refused: readonly RefusedFact[];
}

const STAGED = [
  'fact_id',
  'noun',
  'external_ref',
  'body',
  'body_hash',
  'record_id',
  'record_hash',
] as const;

type StagedRow = readonly [string, string, string, string, string, string | null, string | null];

function stagedRow(fact: NewFact, recordId: string | null, recordHash: string | null): StagedRow {
  return [
    newId('fct'),
    fact.noun,
    fact.body.externalRef,
    JSON.stringify(fact.body),
    hashJson(fact.body),
    recordId,
    recordHash,
  ];
}

/**
 * Records what landed records say: facts that changed are closed and superseded, facts that a record no longer
 * gives are closed, equal ones stay as they are with their first lineage. Set-wise, one lock per connection.
 */
export async function recordFacts(
  tx: TenantTx,
  source: FactSource,
  records: readonly RecordFacts[],
): Promise<FactChanges> {
  if (records.length === 0) return { recorded: 0, closed: 0, refused: [] };
  await lockWriter(tx, source.connection);
  const rows = records.flatMap((record) =>
    record.facts.map((fact) => stagedRow(fact, record.recordId, record.recordHash)),
  );
  const staged = await tx.stage('fact', STAGED, rows);
  const refused = [
    ...(await refuseDuplicates(tx, source, staged.table, records)),
    ...(await refuseCycles(tx, source.connection, staged.table)),
  ];
  const now = (await tx.clock()).toISOString();
  const closed = await tx.run(
    `update fact f set recorded_to = $5
     where f.connection = $1 and f.stream = $2 and f.mapping_id = $3 and f.record_id = any($4) and f.recorded_to = 'infinity'
       and not exists (select from ${staged.table} s
         where s.noun = f.noun and s.external_ref = f.external_ref and s.body_hash = f.body_hash)`,
    [
      source.connection,
      source.stream,
      source.mappingId,
      records.map((record) => record.recordId),
      now,
    ],
  );
  const recorded = await insertStaged(tx, staged.table, now, [
    source.connection,
    source.stream,
    source.mappingId,
    source.mappingVersion,
  ]);
  return { recorded, closed, refused };
}

/**
 * Replaces what Trueup itself decided about one noun within a scope: `facts` is the whole truth for the
 * references that `scope` selects (all of the noun when omitted). Returns how many were recorded and closed.
 */
export async function decideFacts<Name extends FactNoun>(
  tx: TenantTx,
  noun: Name,
  facts: readonly Noun<Name>[],
  scope?: { readonly externalRefs: readonly string[] },
): Promise<FactChanges> {
  await lockWriter(tx, OWN_CONNECTION);
  const rows = facts.map((body) => stagedRow({ noun, body }, null, null));
  const staged = await tx.stage('fact', STAGED, rows);
  const now = (await tx.clock()).toISOString();
  const closed = await tx.run(
    `update fact f set recorded_to = $3
     where f.connection = $1 and f.noun = $2 and f.recorded_to = 'infinity'
       and ($4::text[] is null or f.external_ref = any($4))
       and not exists (select from ${staged.table} s where s.external_ref = f.external_ref and s.body_hash = f.body_hash)`,
    [OWN_CONNECTION, noun, now, scope === undefined ? null : [...scope.externalRefs]],
  );
  const recorded = await insertStaged(tx, staged.table, now, [OWN_CONNECTION, null, null, null]);
  return { recorded, closed, refused: [] };
}

/**
 * Writers of one connection's facts take turns until their transaction ends, so two current rows of one entity cannot
 * arise (contract §12). Taken by every writer here; a caller that decides from what it reads takes it before it reads,
 * so that another's decision is not lost.
 */
export async function lockWriter(tx: TenantTx, connection: string): Promise<void> {
  await tx.sql(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
    `fact:${tx.tenantId}:${connection}`,
  ]);
}

async function insertStaged(
  tx: TenantTx,
  table: string,
  now: string,
  place: readonly SqlValue[],
): Promise<number> {
  return tx.run(
    `insert into fact (tenant_id, fact_id, noun, connection, external_ref, body, body_hash, stream, record_id,
       record_hash, mapping_id, mapping_version, recorded_from)
     select $1, s.fact_id, s.noun, $3, s.external_ref, s.body, s.body_hash, $4, s.record_id, s.record_hash, $5, $6::int, $2
     from ${table} s
     where not exists (select from fact f where f.tenant_id = $1 and f.noun = s.noun and f.connection = $3
       and f.external_ref = s.external_ref and f.recorded_to = 'infinity')`,
    [tx.tenantId, now, ...place],
  );
}

interface FactRow<Name extends FactNoun> {
  readonly factId: string;
  readonly noun: Name;
  readonly connection: string;
  readonly externalRef: string;
  readonly body: Noun<Name>;
  readonly stream: string | null;
  readonly recordId: string | null;
  readonly recordHash: string | null;
  readonly mappingId: string | null;
  readonly mappingVersion: number | null;
  readonly recordedFrom: Date;
}

function toFact<Name extends FactNoun>(row: FactRow<Name>): Fact<Name> {
  const { factId, noun, connection, externalRef, body } = row;
  const recordedFrom = row.recordedFrom.toISOString();
  if (row.stream === null || row.recordId === null || row.mappingId === null) {
    return { factId, noun, connection, externalRef, body, lineage: null, recordedFrom };
  }
  const lineage = {
    stream: row.stream,
    recordId: row.recordId,
    recordHash: row.recordHash ?? '',
    mappingId: row.mappingId,
    mappingVersion: row.mappingVersion ?? 0,
  };
  return { factId, noun, connection, externalRef, body, lineage, recordedFrom };
}

const COLUMNS = `f.fact_id as "factId", f.noun, f.connection, f.external_ref as "externalRef", f.body, f.stream,
  f.record_id as "recordId", f.record_hash as "recordHash", f.mapping_id as "mappingId",
  f.mapping_version as "mappingVersion", f.recorded_from as "recordedFrom"`;

/**
 * The facts of a noun as known at an instant (now when omitted), in the order of connection and reference.
 * `refs` narrows to external references, `where` to equal text members of the body.
 */
export async function factsOf<Name extends FactNoun>(
  tx: TenantTx,
  noun: Name,
  filter: {
    readonly connection?: string;
    readonly refs?: readonly string[];
    readonly where?: Readonly<Record<string, string>>;
    readonly knownAt?: Date;
  } = {},
): Promise<readonly Fact<Name>[]> {
  const rows = await tx.sql<FactRow<Name>>(
    `select ${COLUMNS} from fact f
     where f.tenant_id = $1 and f.noun = $2 and ($3::text is null or f.connection = $3)
       and ($4::text[] is null or f.external_ref = any($4)) and ($5::jsonb is null or f.body @> $5)
       and ${filter.knownAt === undefined ? `f.recorded_to = 'infinity' and $6::timestamptz is null` : 'f.recorded_from <= $6 and f.recorded_to > $6'}
     order by f.connection, f.external_ref`,
    [
      tx.tenantId,
      noun,
      filter.connection ?? null,
      filter.refs === undefined ? null : [...filter.refs],
      filter.where === undefined ? null : JSON.stringify(filter.where),
      filter.knownAt ?? null,
    ],
  );
  return rows.map((row) => toFact<Name>(row));
}

/** The current fact of one entity. Throws NotFoundError. */
export async function factOf<Name extends FactNoun>(
  tx: TenantTx,
  noun: Name,
  connection: string,
  externalRef: string,
): Promise<Fact<Name>> {
  const [fact] = await factsOf(tx, noun, { connection, refs: [externalRef] });
  if (fact === undefined)
    throw new NotFoundError(`There is no ${noun} "${externalRef}" from ${connection}.`);
  return fact;
}

/** Every version of whatever an external reference names, of any noun and connection, oldest first: for `trace`. */
export async function historyOf(
  tx: TenantTx,
  externalRef: string,
): Promise<readonly (Fact<FactNoun> & { readonly recordedTo: string | null })[]> {
  const rows = await tx.sql<FactRow<FactNoun> & { recordedTo: Date | null }>(
    `select ${COLUMNS}, f.recorded_to as "recordedTo" from fact f
     where f.external_ref = $1 or f.record_id = $1 order by f.recorded_from, f.noun, f.fact_id limit 500`,
    [externalRef],
  );
  return rows.map((row) => ({ ...toFact(row), recordedTo: row.recordedTo?.toISOString() ?? null }));
}

/** Facts by their ids, whatever their age: the inputs that a figure names. */
export async function factsById(
  tx: TenantTx,
  factIds: readonly string[],
): Promise<readonly Fact<FactNoun>[]> {
  const rows = await tx.sql<FactRow<FactNoun>>(
    `select ${COLUMNS} from fact f where f.tenant_id = $1 and f.fact_id = any($2) order by f.fact_id`,
    [tx.tenantId, [...factIds]],
  );
  return rows.map((row) => toFact(row));
}
