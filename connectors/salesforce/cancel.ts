import { ValidationError, type JsonObject } from '../../src/sdk/kernel.ts';
import type { CancellationOffer } from '../../src/sdk/write.ts';
import type { SalesforceClient } from './client.ts';
import { describeRaw } from './describe.ts';
import { EXTERNAL_ID_FIELD } from './package-fields.ts';
import { rowsById, type IdRow } from './rows-by-id.ts';
import { soqlLists } from './soql.ts';
import { BATCH } from './writers.ts';

/** How one object is cancelled: what decides it, and what comes of one record. */
interface Way {
  readonly fields: readonly string[];
  /** Fields to write, or why not. Asked once a call. */
  prepare(client: SalesforceClient): Promise<(row: IdRow) => JsonObject | string>;
}

/**
 * An open opportunity is closed in the first of the organisation's own stages that is closed and not won. Nothing is
 * deleted: a record in the recycle bin takes its lines and its history along, and nobody can read it back.
 */
const OPPORTUNITY: Way = {
  fields: ['StageName', 'IsClosed'],
  prepare: async (client) => {
    const stages = await rowsById(client, {
      what: 'looking up stages',
      object: 'OpportunityStage',
      fields: ['ApiName', 'SortOrder'],
      conditions: ['IsClosed = true', 'IsWon = false', 'IsActive = true'],
      withDeleted: false,
    });
    const [lost] = stages.toSorted((a, b) => Number(a['SortOrder']) - Number(b['SortOrder']));
    return (row) => {
      if (row['IsClosed'] === true) return `It is closed already (${String(row['StageName'])}).`;
      if (lost === undefined)
        return 'The organisation has no stage that is closed and lost. Add one, or close it by hand.';
      return { StageName: String(lost['ApiName']) };
    };
  },
};

/** Contracts have no status of their own for this: where an administrator added one, it is taken. */
const CANCELLED = /^(cancel|terminat|void)/i;

/** An activated contract has followers (orders, renewals), and cannot go back: a person ends it. */
const CONTRACT: Way = {
  fields: ['Status'],
  prepare: async (client) => {
    const status = (await statusesOf(client, 'Contract')).find((each) => CANCELLED.test(each));
    return (row) => {
      const held = String(row['Status']);
      if (CANCELLED.test(held)) return `It is cancelled already (${held}).`;
      if (held === 'Activated')
        return 'It is activated, and orders and renewals may rest on it. End it in Salesforce.';
      if (status === undefined)
        return 'The organisation has no status for cancelled contracts. Add one to Contract.Status, or delete the draft in Salesforce.';
      return { Status: status };
    };
  },
};

const ASSET: Way = {
  fields: ['Status'],
  prepare: async (client) => {
    const hasStatus = (await statusesOf(client, 'Asset')).includes('Obsolete');
    return (row) => {
      if (row['Status'] === 'Obsolete') return 'It is obsolete already.';
      if (!hasStatus)
        return 'Asset.Status has no value Obsolete. Add it, or end the asset by hand.';
      return { Status: 'Obsolete' };
    };
  },
};

const WAYS: Readonly<Record<string, Way>> = {
  Opportunity: OPPORTUNITY,
  Contract: CONTRACT,
  Asset: ASSET,
};

async function statusesOf(client: SalesforceClient, object: string): Promise<readonly string[]> {
  const { fields } = await describeRaw(client, object);
  const status = fields.find(({ name }) => name === 'Status');
  return (status?.picklistValues ?? []).filter((each) => each.active).map(({ value }) => value);
}

/**
 * How each of these records is cancelled in Salesforce's own way, as it stands now. Ids that it does not know are left
 * out. Throws a ValidationError for an object that cannot be.
 */
export async function cancellationsOf(
  client: SalesforceClient,
  object: string,
  externalIds: readonly string[],
): Promise<readonly CancellationOffer[]> {
  const way = WAYS[object];
  if (way === undefined) throw new ValidationError(`Salesforce ${object} cannot be cancelled.`);
  const decide = await way.prepare(client);
  const offers: CancellationOffer[] = [];
  for (const list of soqlLists(externalIds, BATCH)) {
    const rows = await rowsById(client, {
      what: `looking at ${object}`,
      object,
      fields: [EXTERNAL_ID_FIELD, 'Name', ...way.fields],
      conditions: [`${EXTERNAL_ID_FIELD} IN (${list})`],
      withDeleted: false,
    });
    offers.push(...rows.map((row) => offerOf(row, decide(row))));
  }
  return offers;
}

function offerOf(row: IdRow, decided: JsonObject | string): CancellationOffer {
  const { Id: vendorId, Name: name, [EXTERNAL_ID_FIELD]: externalId } = row;
  const record = {
    externalId: String(externalId),
    vendorId,
    label: typeof name === 'string' && name !== '' ? name : vendorId,
  };
  if (typeof decided === 'string') return { ...record, refused: decided };
  const present = Object.fromEntries(
    Object.keys(decided).map((field) => [field, (row[field] ?? null) as string | null]),
  );
  return { ...record, fields: decided, present };
}
