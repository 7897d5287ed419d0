import { RemoteRejected, ValidationError, type JsonObject } from '../../src/sdk/kernel.ts';
import type { ReadBackRecord } from '../../src/sdk/write.ts';
import type { SalesforceClient } from './client.ts';
import { describeRaw } from './describe.ts';
import { pickFields } from './field-forms.ts';
import { linesOf } from './opportunity-lines.ts';
import { EXTERNAL_ID_FIELD, INTENT_FIELD } from './package-fields.ts';
import { rowsById, type IdRow } from './rows-by-id.ts';
import { soqlLists } from './soql.ts';
import { BATCH, LINE_FIELDS, WRITTEN_FIELDS } from './writers.ts';

/** The last change of a record: when, and by whom. */
const STAMPS = ['LastModifiedDate', 'LastModifiedById'];

function withoutNulls(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/**
 * What an organisation does not show of an object: stamps, which it never gets from us and need not be asked for again, or
 * something that we write, which may be there the next time.
 */
type Hidden = 'something' | readonly string[];
const hiddenIn = new WeakMap<SalesforceClient, Map<string, Hidden>>();

async function rowsOf(
  client: SalesforceClient,
  object: string,
  idField: string,
  ids: readonly string[],
): Promise<readonly IdRow[]> {
  if (ids.length === 0) return [];
  const hidden = hiddenIn.get(client) ?? new Map<string, Hidden>();
  hiddenIn.set(client, hidden);
  const known = hidden.get(object) ?? [];
  const wanted = [...STAMPS, ...Object.keys(WRITTEN_FIELDS[object] ?? {})];
  if (known !== 'something') {
    const asked = wanted.filter((name) => !known.includes(name));
    try {
      return await rowsWith(client, object, asked, { idField, ids });
    } catch (error) {
      if (!(error instanceof RemoteRejected && error.details['code'] === 'INVALID_FIELD'))
        throw error;
    }
  }
  const described = await describeRaw(client, object);
  const there = new Set(described.fields.map((field) => field.name));
  const missing = wanted.filter((name) => !there.has(name));
  hidden.set(object, missing.every((name) => STAMPS.includes(name)) ? missing : 'something');
  const asked = wanted.filter((name) => there.has(name));
  return rowsWith(client, object, asked, { idField, ids });
}

async function rowsWith(
  client: SalesforceClient,
  object: string,
  fields: readonly string[],
  { idField, ids }: { readonly idField: string; readonly ids: readonly string[] },
): Promise<readonly IdRow[]> {
  const rows: IdRow[] = [];
  for (const list of soqlLists(ids, BATCH)) {
    const found = await rowsById(client, {
      what: `reading ${object} back`,
      object,
      fields: [EXTERNAL_ID_FIELD, INTENT_FIELD, ...fields],
      conditions: [`${idField} IN (${list})`],
      withDeleted: false,
    });
    rows.push(...found);
  }
  return rows;
}

function changeOf(row: IdRow): Pick<ReadBackRecord, 'changedAt' | 'changedBy'> {
  const { LastModifiedDate: at, LastModifiedById: by } = row;
  return {
    changedAt: typeof at === 'string' ? at : null,
    changedBy: typeof by === 'string' ? by : null,
  };
}

/**
 * What Salesforce holds now under these external ids, in the form of a write request: figures as JSON
 * numbers, `lines` of an opportunity in the order in which they were written, without empty members.
 * Ids that it does not know are left out; two records under one id both come, for the caller to see. A record that is
 * asked for by its own id and was never written by us has an empty external id.
 */
export async function readBackRecords(
  client: SalesforceClient,
  object: string,
  externalIds: readonly string[],
  vendorIds: readonly string[] = [],
): Promise<readonly ReadBackRecord[]> {
  const forms = WRITTEN_FIELDS[object];
  if (forms === undefined)
    throw new ValidationError(`Salesforce ${object} is not an object that Trueup writes.`);
  if (externalIds.length + vendorIds.length === 0) return [];
  const rows = [
    ...(await rowsOf(client, object, EXTERNAL_ID_FIELD, externalIds)),
    ...(await rowsOf(client, object, 'Id', vendorIds)),
  ];
  const lines =
    object === 'Opportunity'
      ? await linesOf(
          client,
          rows.map((row) => row.Id),
        )
      : null;
  return rows.map((row) => {
    const { [INTENT_FIELD]: intent, [EXTERNAL_ID_FIELD]: externalId } = row;
    const fields = pickFields(forms, row);
    const own = (lines?.get(row.Id) ?? []).map((line) =>
      withoutNulls(pickFields(LINE_FIELDS, line)),
    );
    return {
      externalId: typeof externalId === 'string' ? externalId : '',
      intentId: typeof intent === 'string' ? intent : null,
      vendorId: row.Id,
      ...changeOf(row),
      fields: lines === null ? fields : { ...fields, lines: own },
    };
  });
}
