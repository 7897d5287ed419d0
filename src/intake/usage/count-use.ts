import type { SqlValue, TenantTx } from '../../db/store.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import type { Aggregate, Condition, UsageDefinition } from './definition.ts';

/** What one instance and subject used on one day, under one definition. */
export interface CountedUse {
  readonly source: string;
  readonly instance: string | null;
  readonly subject: string | null;
  readonly events: number;
  /** Exact decimal text, at most six places; null when no event of the group has the number. */
  readonly value: string | null;
  readonly last: Date;
}

/** Collects parameters, so that nothing of a definition or an event ever becomes SQL. */
interface Params {
  readonly values: SqlValue[];
  add(value: SqlValue): string;
}

/**
 * Counts one day of one type as a definition says: exact decimals, in SQL, one row per instance and subject, in a fixed
 * order. `source` is one of the group's where the instance is not the source itself.
 */
export function countUse(
  tx: TenantTx,
  definition: UsageDefinition,
  day: LocalDate,
): Promise<readonly CountedUse[]> {
  const params = createParams();
  const where = [
    `e.tenant_id = ${params.add(tx.tenantId)}`,
    `e.type = ${params.add(definition.eventType)}`,
    `e.day = ${params.add(day)}::date`,
    ...definition.filter.map((each) => conditionSql(each, params)),
  ].join(' and ');
  const instance = textSql(definition.instance, params);
  const subject = definition.subject === null ? 'null' : textSql(definition.subject.path, params);
  return tx.sql<CountedUse>(
    `select min(x.source) as source, x.instance, x.subject, count(*)::int as events,
       ${aggregateSql(definition.aggregate)} as value, max(x.occurred_at) as last
     from (select e.source, ${instance} as instance, ${subject} as subject, e.occurred_at, e.received_at, e.event_id,
             ${valueSql(definition.aggregate, params)} as value
           from usage_event e where ${where}) x
     group by x.instance, x.subject order by x.instance, x.subject`,
    params.values,
  );
}

/** How many events of a type there are on a day, by source: for types that nobody has defined. */
export function countEvents(
  tx: TenantTx,
  type: string,
  day: LocalDate,
): Promise<readonly { readonly source: string; readonly events: number }[]> {
  return tx.sql(
    `select e.source, count(*)::int as events from usage_event e
     where e.tenant_id = $1 and e.type = $2 and e.day = $3::date group by e.source order by e.source`,
    [tx.tenantId, type, day],
  );
}

function createParams(): Params {
  const values: SqlValue[] = [];
  return { values, add: (value) => `$${values.push(value)}` };
}

/** A path as text; null where the event has nothing there. */
function textSql(path: string, params: Params): string {
  const [head = '', ...rest] = path.split('.');
  if (head === 'data') return `(e.data #>> ${params.add(rest)}::text[])`;
  if (head === 'attributes') return `(e.attributes ->> ${params.add(rest[0] ?? '')}::text)`;
  return `e.${columnOf(head)}`;
}

/** A path as JSON, so that the number 1 and the text "1" stay two things. */
function jsonSql(path: string, params: Params): string {
  const [head = '', ...rest] = path.split('.');
  if (head === 'data') return `(e.data #> ${params.add(rest)}::text[])`;
  if (head === 'attributes') return `(e.attributes -> ${params.add(rest[0] ?? '')}::text)`;
  return `to_jsonb(e.${columnOf(head)})`;
}

/** The schema of a definition lets no other name pass; this keeps it so. */
function columnOf(head: string): 'source' | 'subject' | 'type' {
  return head === 'subject' || head === 'type' ? head : 'source';
}

function conditionSql(condition: Condition, params: Params): string {
  const found = jsonSql(condition.path, params);
  const json = (value: unknown): string => `${params.add(JSON.stringify(value))}::jsonb`;
  switch (condition.is) {
    case 'equal':
      return `${found} = ${json(condition.value)}`;
    case 'different':
      return `${found} is distinct from ${json(condition.value)}`;
    case 'one_of':
      return `${found} in (${condition.values.map(json).join(', ')})`;
    case 'present':
      return `${found} is not null and ${found} <> 'null'`;
    case 'absent':
      return `(${found} is null or ${found} = 'null')`;
  }
}

/** Numbers, and decimals that were sent as text; nothing else counts. */
function valueSql(aggregate: Aggregate, params: Params): string {
  if (aggregate.of === 'count') return 'null';
  const text = textSql(aggregate.path, params);
  if (aggregate.of === 'unique') return text;
  return `(case when ${text} ~ '^-?\\d{1,14}(\\.\\d{1,40})?$' then ${text}::numeric end)`;
}

/** Rounded once, at the end, half away from zero, as numeric's round does. */
function aggregateSql(aggregate: Aggregate): string {
  switch (aggregate.of) {
    case 'count':
      return 'count(*)::text';
    case 'unique':
      return `nullif(count(distinct x.value), 0)::text`;
    case 'sum':
      return `trim_scale(round(sum(x.value), 6))::text`;
    case 'max':
      return `trim_scale(round(max(x.value), 6))::text`;
    case 'latest':
      return `trim_scale(round((array_agg(x.value order by x.occurred_at desc, x.received_at desc, x.event_id desc)
        filter (where x.value is not null))[1], 6))::text`;
  }
}
