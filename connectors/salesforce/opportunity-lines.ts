import type { JsonObject } from '../../src/sdk/kernel.ts';
import type { SalesforceClient } from './client.ts';
import { deleteAll, failureOf, updateAll, upsertAll, type ItemFailure } from './collections.ts';
import { EXTERNAL_ID_FIELD } from './package-fields.ts';
import { rowsById, type IdRow } from './rows-by-id.ts';
import type { SaveResult } from './schema.ts';
import { soqlLists } from './soql.ts';
import { LINE_FIELDS } from './writers.ts';

/** The lines that an opportunity is to have, in order, in Salesforce's forms. */
export interface WantedLines {
  readonly opportunityId: string;
  /** Our key of the opportunity: those of its lines begin with it. */
  readonly key: string;
  readonly lines: readonly { readonly entryId: string; readonly fields: JsonObject }[];
}

interface Change<T> {
  readonly opportunityId: string;
  readonly item: T;
}

const LIST = 200;

/** The lines of these opportunities, each list in the order in which the lines were made. */
export async function linesOf(
  client: SalesforceClient,
  opportunityIds: readonly string[],
): Promise<ReadonlyMap<string, readonly IdRow[]>> {
  const rows: IdRow[] = [];
  for (const list of soqlLists(opportunityIds, LIST)) {
    rows.push(
      ...(await rowsById(client, {
        what: 'reading OpportunityLineItem',
        object: 'OpportunityLineItem',
        fields: [EXTERNAL_ID_FIELD, 'OpportunityId', 'CreatedDate', ...Object.keys(LINE_FIELDS)],
        conditions: [`OpportunityId IN (${list})`],
        withDeleted: false,
      })),
    );
  }
  const age = (row: IdRow): string => `${String(row['CreatedDate'])} ${row.Id}`;
  const sorted = rows.toSorted((a, b) => (age(a) < age(b) ? -1 : 1));
  return Map.groupBy(sorted, (row) => String(row['OpportunityId']));
}

/** The product of a line follows from its price book entry and cannot be written. */
function withoutCode(fields: JsonObject): JsonObject {
  const { ProductCode: _, ...rest } = fields;
  return rest;
}

function differs(line: JsonObject, row: IdRow): boolean {
  return Object.entries(line).some(([name, value]) => (row[name] ?? null) !== value);
}

/**
 * Keys for new lines: the first ones that no line of the opportunity has which stays. The same state gives the same keys,
 * so a call that is made twice, or comes late, meets its own line and makes no second one.
 */
function freeKeys(key: string, kept: readonly IdRow[], count: number): readonly string[] {
  const taken = new Set(kept.map((row) => row[EXTERNAL_ID_FIELD]));
  const keys = Array.from({ length: kept.length + count }, (_, at) => `${key}/${at}`);
  return keys.filter((each) => !taken.has(each)).slice(0, count);
}

/** A line that was made meanwhile refuses to change its parent: what is there is compared anew at the next try. */
function settleable(failure: ItemFailure): ItemFailure {
  return failure.code === 'INVALID_FIELD_FOR_INSERT_UPDATE' && failure.field === 'OpportunityId'
    ? { ...failure, retryable: true }
    : failure;
}

/** Splits what is wanted against what is there: lines keep their place, and a line keeps its product. */
function compare(wanted: WantedLines, rows: readonly IdRow[]) {
  const { opportunityId, key, lines } = wanted;
  const same = lines.findIndex(
    (line, at) => rows[at]?.['ProductCode'] !== line.fields['ProductCode'],
  );
  const kept = Math.min(same < 0 ? lines.length : same, rows.length);
  const updates = rows.slice(0, kept).flatMap((row, at) => {
    const fields = withoutCode(lines[at]?.fields ?? {});
    return differs(fields, row) ? [{ opportunityId, item: { id: row.Id, ...fields } }] : [];
  });
  const removals = rows.slice(kept).map((row) => ({ opportunityId, item: row.Id }));
  const added = lines.slice(kept);
  const keys = freeKeys(key, rows.slice(0, kept), added.length);
  const additions = added.map(({ entryId, fields }, at) => ({
    opportunityId,
    item: {
      [EXTERNAL_ID_FIELD]: keys[at] ?? '',
      OpportunityId: opportunityId,
      PricebookEntryId: entryId,
      ...withoutCode(fields),
    },
  }));
  return { updates, removals, additions };
}

/**
 * Makes the opportunities have exactly these lines. Running it again changes nothing, and running it after a
 * crash in its middle finishes it. Returns the first failure of each opportunity that has one.
 */
export async function putLines(
  client: SalesforceClient,
  wanted: readonly WantedLines[],
): Promise<ReadonlyMap<string, ItemFailure>> {
  const there = await linesOf(
    client,
    wanted.map((each) => each.opportunityId),
  );
  const changes = wanted.map((each) => compare(each, there.get(each.opportunityId) ?? []));
  const failures = new Map<string, ItemFailure>();
  const run = async <T>(
    items: readonly Change<T>[],
    send: (items: readonly T[]) => Promise<readonly SaveResult[]>,
  ): Promise<void> => {
    if (items.length === 0) return;
    const results = await send(items.map((each) => each.item));
    for (const [at, result] of results.entries()) {
      const failure = failureOf(result);
      const id = items[at]?.opportunityId ?? '';
      if (failure !== null && !failures.has(id)) failures.set(id, settleable(failure));
    }
  };
  const object = 'OpportunityLineItem';
  await run(
    changes.flatMap((each) => each.removals),
    (ids) => deleteAll(client, object, ids),
  );
  await run(
    changes.flatMap((each) => each.updates),
    (records) => updateAll(client, object, records),
  );
  await run(
    changes.flatMap((each) => each.additions),
    (records) => upsertAll(client, object, records),
  );
  return failures;
}
