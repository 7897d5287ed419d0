import type { Json } from '../../../src/sdk/kernel.ts';
import type { TwinRecord, TwinState } from './state.ts';

/** Which changes an administrator has tracked, and where the vendor keeps them. */
const TRACKED: Readonly<Record<string, { readonly history: string; readonly fields: readonly string[] }>> = {
  Opportunity: {
    history: 'OpportunityFieldHistory',
    fields: ['StageName', 'Amount', 'CloseDate', 'AccountId', 'OwnerId', 'Name', 'Trueup_Notice_Date__c'],
  },
  Contract: {
    history: 'ContractHistory',
    fields: ['Status', 'StartDate', 'ContractTerm', 'EndDate', 'AccountId', 'OwnerId'],
  },
}; // prettier-ignore

/** The user that a client of the API is. */
export const INTEGRATION_USER = '005000000000001AAA';

const DATA_TYPES = {
  double: 'Double',
  currency: 'Currency',
  int: 'Double',
  date: 'DateOnly',
  reference: 'EntityId',
  picklist: 'DynamicEnum',
} as const satisfies Readonly<Record<string, string>>;

function dataTypeOf(record: TwinRecord, name: string): string {
  const types: Readonly<Record<string, string>> = DATA_TYPES;
  return types[record.object.fields.get(name)?.type ?? ''] ?? 'Text';
}

function asText(value: Json): Json {
  return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}

/** The tracked values of a record, to be compared after a change. */
export function trackedValues(record: TwinRecord): ReadonlyMap<string, Json> {
  const fields = TRACKED[record.object.name]?.fields ?? [];
  return new Map(fields.map((name) => [name, record.values.get(name) ?? null]));
}

/** One history row for each tracked field whose value is another one now. */
export function trackChanges(
  state: TwinState,
  record: TwinRecord,
  before: ReadonlyMap<string, Json>,
  by: string,
): void {
  const tracked = TRACKED[record.object.name];
  if (tracked === undefined) return;
  for (const [name, old] of before) {
    const now = record.values.get(name) ?? null;
    if (now === old) continue;
    const values = { [`${record.object.name}Id`]: record.id, CreatedById: by, Field: name, DataType: dataTypeOf(record, name), OldValue: asText(old), NewValue: asText(now) }; // prettier-ignore
    state.insert(state.object(tracked.history), new Map(Object.entries(values)));
  }
}

function creationOf(record: TwinRecord, by: string): Readonly<Record<string, Json>> {
  const about = { [`${record.object.name}Id`]: record.id, CreatedById: by };
  return { ...about, Field: 'created', DataType: 'Text', OldValue: null, NewValue: null };
}

/** The first history row of a record says that it was created. */
export function trackCreation(state: TwinState, record: TwinRecord, by: string): void {
  const tracked = TRACKED[record.object.name];
  if (tracked === undefined) return;
  state.insert(state.object(tracked.history), new Map(Object.entries(creationOf(record, by))));
}

/** Who is taken to have made a record: its owner. */
export function userOf(record: TwinRecord): string {
  const owner = record.values.get('OwnerId');
  return typeof owner === 'string' ? owner : INTEGRATION_USER;
}

/** What a world was born with says who made it: a user for each owner, a history row for each tracked record. */
export function deriveHistory(state: TwinState, now: number): void {
  const users = new Set([INTEGRATION_USER]);
  for (const name of state.schema.keys())
    for (const record of state.ordered(name)) users.add(userOf(record));
  for (const id of users) {
    if (state.get('User', id) !== undefined) continue;
    const Username = `${id.slice(0, 15).toLowerCase()}@meridian.example`;
    state.born('User', now, { Id: id, Name: `User ${id.slice(8, 15)}`, Username, IsActive: true });
  }
  for (const [name, { history }] of Object.entries(TRACKED)) {
    if (state.ordered(history).length > 0) continue;
    for (const record of state.ordered(name)) {
      const at = record.values.get('CreatedDate') ?? now;
      state.born(history, at, creationOf(record, userOf(record)));
    }
  }
  deriveLicences(state, now, users.size);
}

/** Every organisation has licences: a user has one of the first kind and any number of the second. */
function deriveLicences(state: TwinState, now: number, used: number): void {
  const figures = { Status: 'Active', TotalLicenses: used + 10, UsedLicenses: used };
  if (state.ordered('UserLicense').length === 0)
    state.born('UserLicense', now, { Name: 'Salesforce', MasterLabel: 'Salesforce', LicenseDefinitionKey: 'SFDC', ...figures }); // prettier-ignore
  if (state.ordered('PermissionSetLicense').length === 0)
    state.born('PermissionSetLicense', now, { DeveloperName: 'CRMUserPsl', MasterLabel: 'CRM User', PermissionSetLicenseKey: 'CRMUser', ...figures }); // prettier-ignore
}
