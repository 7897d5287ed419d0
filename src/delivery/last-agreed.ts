import type { TenantTx } from '../db/store.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import type { ReadBackRecord } from '../sdk/write.ts';
import type { LeasedIntent } from './dispatch.ts';
import type { Target } from './target.ts';
import { fieldsOf, valueAt, type AgreedValue, type Overrule } from './three-way.ts';

/** What both sides of a record held of each field when they last agreed. */
export type AgreedFields = Readonly<Record<string, AgreedValue>>;

/** What an intent brings along to be decided with. */
export interface DecisionInput {
  readonly id: string;
  readonly overrule: Overrule;
  readonly standsFor: Readonly<Record<string, Json>>;
  readonly expects: Readonly<Record<string, readonly Json[]>>;
  readonly agreed: AgreedFields;
}

/**
 * What was agreed on the records of these intents, and what a person decided. A record that was last written before
 * agreements were kept has what was written.
 */
export async function decisionInputs(
  tx: TenantTx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DecisionInput>> {
  const rows = await tx.sql<
    Omit<DecisionInput, 'agreed'> & {
      readonly agreed: AgreedFields | null;
      readonly written: JsonObject | null;
    }
  >(
    `select i.id, i.overrule, i.stands_for as "standsFor", i.expects, a.fields as agreed,
       (select e.payload from intent e where e.tenant_id = i.tenant_id and e.connection = i.connection and e.object = i.object
          and e.external_id = i.external_id and e.revision < i.revision and e.state = 'APPLIED' and e.read_back
        order by e.revision desc limit 1) as written
     from intent i left join last_agreed a on a.tenant_id = i.tenant_id and a.connection = i.connection
       and a.object = i.object and a.external_id = i.external_id
     where i.id = any($1)`,
    [[...ids]],
  );
  return new Map(
    rows.map(({ written, agreed, ...row }) => [
      row.id,
      { ...row, agreed: agreed ?? agreedBy(written ?? {}) },
    ]),
  );
}

function agreedBy(written: JsonObject): AgreedFields {
  const fields = fieldsOf(written);
  return Object.fromEntries(
    fields.map((field) => {
      const value = valueAt(written, field) ?? null;
      return [field, { ours: value, theirs: value }];
    }),
  );
}

/**
 * Of these intents, those whose record may be there already: an earlier revision wrote it, it is not ours, or the store was
 * restored and has forgotten what it wrote.
 */
export async function aboutPresent(
  tx: TenantTx,
  intents: readonly LeasedIntent[],
): Promise<readonly LeasedIntent[]> {
  const rows = await tx.sql<{ id: string }>(
    `select i.id from intent i where i.id = any($1) and i.mapping is not null and (i.vendor_id is not null or exists (
       select from intent e where e.tenant_id = i.tenant_id and e.connection = i.connection and e.object = i.object
         and e.external_id = i.external_id and e.revision < i.revision and e.sent_at is not null)
       or exists (select from store_restore))`,
    [intents.map(({ id }) => id)],
  );
  const ids = new Set(rows.map(({ id }) => id));
  return intents.filter(({ id }) => ids.has(id));
}

/**
 * Keeps what both sides hold now as agreed, once reading back has shown it: of every field that was sent or that a rule
 * or a person left alone. What waits for a person is not agreed.
 */
export async function saveAgreed(
  tx: TenantTx,
  target: Target,
  shown: readonly { readonly intent: LeasedIntent; readonly record: ReadBackRecord }[],
): Promise<void> {
  if (shown.length === 0) return;
  const inputs = await decisionInputs(
    tx,
    shown.map(({ intent }) => intent.id),
  );
  const rows = shown.map(({ intent, record }) => {
    const waits = new Set(
      intent.decided.flatMap(({ field, did }) => (did === 'waits' ? [field] : [])),
    );
    const standsFor = inputs.get(intent.id)?.standsFor ?? {};
    const fields = fieldsOf(intent.payload).filter((field) => !waits.has(field));
    const agreed = fields.map((field): [string, AgreedValue] => {
      const ours = standsFor[field] ?? valueAt(intent.payload, field) ?? null;
      return [field, { ours, theirs: valueAt(record.fields, field) ?? null }];
    });
    return { externalId: intent.externalId, fields: Object.fromEntries(agreed) };
  });
  await tx.run(
    `insert into last_agreed (tenant_id, connection, object, external_id, fields)
     select $1, $2, $3, n."externalId", n.fields from jsonb_to_recordset($4::jsonb) as n ("externalId" text, fields jsonb)
     on conflict (tenant_id, connection, object, external_id) do update
       set fields = last_agreed.fields || excluded.fields, agreed_at = app.clock()`,
    [tx.tenantId, target.connection, target.object, JSON.stringify(rows)],
  );
}
