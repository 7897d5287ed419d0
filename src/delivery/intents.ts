import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { hashJson, type Json, type JsonObject } from '../kernel/hash.ts';
import { externalIdOf, intentIdOf } from '../kernel/ids.ts';
import type { Effect, EffectSubject, MappingRef } from './effect.ts';
import type { IntentState } from './intent-machine.ts';
import type { DecidedField, Overrule } from './three-way.ts';

/** One revision of an effect: what was meant, where it stands, and what the other system showed when asked. */
export interface Intent {
  readonly id: string;
  readonly connection: string;
  readonly object: string;
  readonly externalId: string;
  readonly revision: number;
  readonly canonicalId: string;
  readonly vendorId: string | null;
  readonly payload: JsonObject;
  readonly planId: string | null;
  /** The outbound mapping version that made the payload. */
  readonly mapping: MappingRef | null;
  readonly state: IntentState;
  readonly attempts: number;
  /** True once the other system was asked and shows this intent and its values. */
  readonly readBack: boolean;
  readonly result: {
    readonly vendorId?: string | null;
    readonly warnings?: readonly string[];
  } | null;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly field?: string | null;
  } | null;
  /** What was decided about fields when it was sent: what is kept or waits was not sent. */
  readonly decided: readonly DecidedField[];
  readonly createdAt: Date;
  readonly sentAt: Date | null;
  readonly settledAt: Date | null;
}

/** Columns of an intent under their names in code; for this room's own SQL. */
export const INTENT_COLUMNS = `i.id, i.connection, i.object, i.external_id as "externalId", i.revision,
  i.canonical_id as "canonicalId", i.vendor_id as "vendorId", i.payload, i.plan_id as "planId", i.mapping, i.state, i.attempts,
  i.read_back as "readBack", i.result, i.error, i.decided, i.created_at as "createdAt", i.sent_at as "sentAt",
  i.settled_at as "settledAt"`;

export interface Proposed {
  /** Intents that were made; an effect equal to what is already applied or under way makes none. */
  readonly planned: number;
  readonly unchanged: number;
  /** Where intents wait: each is one `deliver` job. */
  readonly targets: readonly { readonly connection: string; readonly object: string }[];
}

interface Row {
  readonly id: string;
  readonly connection: string;
  readonly object: string;
  readonly externalId: string;
  readonly revision: number;
  readonly canonicalId: string;
  readonly vendorId: string | null;
  readonly payload: JsonObject;
  readonly payloadHash: string;
  readonly mapping?: MappingRef | null;
  readonly overrule: Overrule;
  readonly expects: Readonly<Record<string, readonly Json[]>>;
  readonly changeId?: string | null;
  readonly about?: EffectSubject | null;
}

interface Latest {
  readonly id: string;
  readonly externalId: string;
  readonly revision: number;
  readonly payloadHash: string;
  readonly state: IntentState;
}

/**
 * Writes intents for effects, in the caller's transaction: nothing is sent to another system without such a row.
 * The external id holds no version (contract §3), so a changed effect becomes the next revision of the same record;
 * an older revision that has not been sent is superseded. An equal effect makes none, also where the other system
 * refused it or holds something else: that waits for a person, who tries it again (`retry-intents.ts`).
 */
export async function proposeIntents(
  tx: TenantTx,
  effects: readonly Effect[],
  planId: string | null = null,
): Promise<Proposed> {
  if (effects.length === 0) return { planned: 0, unchanged: 0, targets: [] };
  const keyed = effects.map((effect) => ({ effect, externalId: externalIdOf({ tenantId: tx.tenantId, ...effect }), payloadHash: effect.standsFor ?? hashJson({ fields: effect.fields, vendorId: effect.vendorId }) })); // prettier-ignore
  const latest = await latestRevisions(
    tx,
    keyed.map((each) => each.externalId),
  );
  const rows: Row[] = [];
  const unchanged: string[] = [];
  // Of several effects about one record the last is meant: two rows of one revision could not be kept.
  const lastOfEach = new Map(keyed.map((each) => [each.externalId, each])).values();
  for (const { effect, externalId, payloadHash } of lastOfEach) {
    const before = latest.get(externalId);
    // A plan means what it asks for, also where a person dropped the same before. Of a run, a rejected write stays rejected.
    const isDropped = planId !== null && before?.state === 'SUPERSEDED';
    if (before?.payloadHash === payloadHash && !isDropped) {
      unchanged.push(before.id);
      continue;
    }
    const revision = (before?.revision ?? 0) + 1;
    rows.push({
      ...effect,
      payload: effect.fields,
      id: intentIdOf(externalId, revision),
      externalId,
      revision,
      payloadHash,
      overrule: effect.asDecided === true ? { '*': 'ours' } : {},
      expects: effect.expects ?? {},
    });
  }
  if (rows.length > 0) await insert(tx, rows, planId);
  if (planId !== null) await takeOver(tx, unchanged, planId);
  const targets = new Map(
    rows.map((row) => [
      `${row.connection}/${row.object}`,
      { connection: row.connection, object: row.object },
    ]),
  );
  return {
    planned: rows.length,
    unchanged: unchanged.length,
    targets: [...targets.values()],
  };
}

async function latestRevisions(
  tx: TenantTx,
  externalIds: readonly string[],
): Promise<Map<string, Latest>> {
  const rows = await tx.sql<Latest>(
    `select distinct on (i.external_id) i.id, i.external_id as "externalId", i.revision, i.payload_hash as "payloadHash", i.state
     from intent i where i.external_id = any($1) order by i.external_id, i.revision desc`,
    [[...externalIds]],
  );
  return new Map(rows.map((row) => [row.externalId, row]));
}

async function insert(tx: TenantTx, rows: readonly Row[], planId: string | null): Promise<void> {
  await tx.run(
    `update intent i set state = 'SUPERSEDED', settled_at = app.clock(), fence = i.fence + 1
     where i.external_id = any($1) and i.state = 'PLANNED'`,
    [rows.map((row) => row.externalId)],
  );
  await tx.run(
    `insert into intent (tenant_id, id, connection, object, external_id, revision, canonical_id, vendor_id, payload,
       payload_hash, plan_id, mapping, overrule, expects, change_id, about, created_at)
     select $1, n.id, n.connection, n.object, n."externalId", n.revision, n."canonicalId", n."vendorId", n.payload,
       n."payloadHash", $3, n.mapping, n.overrule, n.expects, n."changeId", n.about, (select app.clock())
     from jsonb_to_recordset($2::jsonb) as n (id text, connection text, object text, "externalId" text, revision int,
       "canonicalId" text, "vendorId" text, payload jsonb, "payloadHash" text, mapping jsonb, overrule jsonb, expects jsonb,
       "changeId" text, about jsonb)`,
    [tx.tenantId, JSON.stringify(rows), planId],
  );
}

/** What a new plan asks for and an earlier one has not brought about yet is the new one's to wait for. */
async function takeOver(tx: TenantTx, ids: readonly string[], planId: string): Promise<void> {
  await tx.run(
    `update intent i set plan_id = $2 where i.id = any($1) and not (i.state = 'APPLIED' and i.read_back)`,
    [[...ids], planId],
  );
}

/** Intents, newest first. */
export async function listIntents(
  tx: TenantTx,
  filter: {
    readonly state?: string | undefined;
    readonly planId?: string | undefined;
    readonly object?: string | undefined;
    readonly limit: number;
    readonly offset?: number;
  },
): Promise<readonly Intent[]> {
  return tx.sql<Intent>(
    `select ${INTENT_COLUMNS} from intent i
     where ($1::text is null or i.state = $1) and ($2::text is null or i.plan_id = $2) and ($3::text is null or i.object = $3)
     order by i.created_at desc, i.id limit $4 offset $5`,
    [
      filter.state ?? null,
      filter.planId ?? null,
      filter.object ?? null,
      filter.limit,
      filter.offset ?? 0,
    ],
  );
}

/** One intent, or null. */
export async function findIntent(tx: TenantTx, id: string): Promise<Intent | null> {
  const [row] = await tx.sql<Intent>(`select ${INTENT_COLUMNS} from intent i where i.id = $1`, [
    id,
  ]);
  return row ?? null;
}

/** One intent. Throws NotFoundError. */
export async function getIntent(tx: TenantTx, id: string): Promise<Intent> {
  const row = await findIntent(tx, id);
  if (row === null)
    throw new NotFoundError(
      `There is no intent "${id}". \`trueup intents list\` shows those there are.`,
    );
  return row;
}

/** Intents about things of ours, oldest revision first: for `trace`. */
export async function intentsAbout(
  tx: TenantTx,
  canonicalIds: readonly string[],
): Promise<readonly Intent[]> {
  if (canonicalIds.length === 0) return [];
  return tx.sql<Intent>(
    `select ${INTENT_COLUMNS} from intent i where i.canonical_id = any($1) order by i.external_id, i.revision`,
    [[...canonicalIds]],
  );
}

/** Intents that an id of either side names: ours, the external id, or the vendor's id of what was written. */
export async function intentsNamed(tx: TenantTx, id: string): Promise<readonly Intent[]> {
  return tx.sql<Intent>(
    `select ${INTENT_COLUMNS} from intent i
     where i.id = $1 or i.external_id = $1 or i.vendor_id = $1 or i.result->>'vendorId' = $1
     order by i.external_id, i.revision limit 500`,
    [id],
  );
}

/** The canonical id behind each of our external ids: how a vendor's record is known to be the one we wrote. */
export async function canonicalIdsOf(
  tx: TenantTx,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.sql<{ externalId: string; canonicalId: string }>(
    `select distinct i.external_id as "externalId", i.canonical_id as "canonicalId" from intent i where i.external_id = any($1)`,
    [[...externalIds]],
  );
  return new Map(rows.map((row) => [row.externalId, row.canonicalId]));
}

/** How many intents stand in which state. */
export async function countIntents(tx: TenantTx): Promise<Readonly<Record<string, number>>> {
  const rows = await tx.sql<{ state: string; count: number }>(
    `select i.state, count(*)::int as count from intent i group by i.state`,
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}
