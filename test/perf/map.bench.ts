import { compileMapping } from '../../src/mapping/compile.ts';
import type { LandedRecord, MapContext } from '../../src/mapping/mapping-plan.ts';
import { parseMapping } from '../../src/mapping/language/parse-mapping.ts';
import { lookupTables } from '../../src/mapping/lookups.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { shippedSteps } from '../support/shipped-steps.ts';
import { interleave, timed, type BenchRow } from './measure.ts';

/**
 * Mapping at 20 rows (10 from, 5 with steps, 2 lookups, 3 expr) against closures written by hand for the same work,
 * interleaved and warm in one run. The rows fill a noun of our schema, so the mapper also validates, as it always does.
 */

const RECORDS = 20_000;
const ROUNDS = 5;

/** No noun has 20 fields that one would map, so each record gives two facts, as deals with their lines do. */
const MAPPINGS = [
  `
id: bench.agreement
version: 1
source: { connection: bench, object: Deal }
target: { object: agreement }
fields:
  externalRef:       { from: record.id, key: true }
  number:            { from: src.Number }
  posture:           { from: src.Posture }
  counterpartyRef:   { from: src.Account.Id }
  status:            { from: src.StageName }
  effectExternalId:  { from: src.TrueupId }
  counterpartyName:  { from: src.Account.Name, steps: [trim] }
  validFrom:         { from: src.StartDate, steps: [date] }
  validTo:           { from: src.EndDate, steps: [next-day] }
  currency:          { from: src.Currency, lookup: currencies }
  noticeDays:        { expr: 'src.NoticeWeeks * 7' }
`,
  `
id: bench.line
version: 1
source: { connection: bench, object: Deal }
target: { object: opportunityLine }
fields:
  externalRef:    { from: record.id, key: true }
  opportunityRef: { from: src.Account.Id }
  lineNumber:     { from: src.Line }
  quantity:       { from: src.Quantity, steps: [decimal] }
  unitPrice:      { from: src.UnitPrice, steps: [decimal] }
  skuCode:        { from: src.Code, lookup: skus }
  currency:       { from: src.Currency }
  validFrom:      { expr: 'src.StartDate > "2026-01-01" ? src.StartDate : src.CloseDate' }
  validTo:        { expr: 'coalesce(src.?EndDate, src.StartDate)' }
`,
];

const TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  currencies: { EUR: 'EUR', USD: 'USD' },
  skus: Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`P-${at}`, `SKU-${at}`])),
};

function recordAt(at: number): LandedRecord {
  return {
    id: `006${at}`,
    stamp: null,
    data: {
      Number: `N-${at}`,
      Posture: 'licensor',
      Account: { Id: `001${at % 97}`, Name: ` Customer ${at % 97} ` },
      StageName: at % 3 === 0 ? 'Closed Won' : 'Prospecting',
      TrueupId: `t${at}`,
      StartDate: '2026-03-01',
      CloseDate: '2026-02-01',
      EndDate: '2027-02-28',
      Currency: at % 2 === 0 ? 'EUR' : 'USD',
      NoticeWeeks: at % 9,
      Line: at % 4,
      Quantity: 1 + (at % 50),
      UnitPrice: 99.5 + (at % 10),
      Code: `P-${at % 500}`,
    },
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What the steps do, by hand: a step that cannot read its value says so. */
function dateOf(value: unknown): string {
  const date = text(value);
  if (/^\d{4}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(Date.parse(date))) return date;
  throw new Error('not a date');
}

function nextDay(value: unknown): string {
  return new Date(Date.parse(dateOf(value)) + 86_400_000).toISOString().slice(0, 10);
}

function decimalOf(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw new Error('not a figure');
}

const currencies = new Map(Object.entries(TABLES['currencies'] ?? {}));
const skus = new Map(Object.entries(TABLES['skus'] ?? {}));

type Closure = (record: LandedRecord) => unknown;
const account = (data: JsonObject): JsonObject => data['Account'] as JsonObject;

/** The same 20 fields as closures, one a field, as a person would write them by hand. */
const NATIVE: readonly (readonly [string, Closure][])[] = [
  [
    ['externalRef', (record) => record.id],
    ['number', ({ data }) => data['Number']],
    ['posture', ({ data }) => data['Posture']],
    ['counterpartyRef', ({ data }) => account(data)['Id']],
    ['status', ({ data }) => data['StageName']],
    ['effectExternalId', ({ data }) => data['TrueupId']],
    ['counterpartyName', ({ data }) => text(account(data)['Name']).trim()],
    ['validFrom', ({ data }) => dateOf(data['StartDate'])],
    ['validTo', ({ data }) => nextDay(data['EndDate'])],
    ['currency', ({ data }) => currencies.get(text(data['Currency']))],
    ['noticeDays', ({ data }) => Number(data['NoticeWeeks']) * 7],
  ],
  [
    ['externalRef', (record) => record.id],
    ['opportunityRef', ({ data }) => account(data)['Id']],
    ['lineNumber', ({ data }) => data['Line']],
    ['quantity', ({ data }) => decimalOf(data['Quantity'])],
    ['unitPrice', ({ data }) => decimalOf(data['UnitPrice'])],
    ['skuCode', ({ data }) => skus.get(text(data['Code']))],
    ['currency', ({ data }) => data['Currency']],
    [
      'validFrom',
      ({ data }) =>
        text(data['StartDate']) > '2026-01-01' ? data['StartDate'] : data['CloseDate'],
    ],
    ['validTo', ({ data }) => data['EndDate'] ?? data['StartDate']],
  ],
];

function runNative(records: readonly LandedRecord[]): number {
  let made = 0;
  for (const record of records) {
    for (const rows of NATIVE) {
      const body: Record<string, unknown> = {};
      for (const [name, read] of rows) body[name] = read(record);
      made += 'externalRef' in body ? 1 : 0;
    }
  }
  return made;
}

/** Records a second and core of the mapper (`ours`) and of the closures (`floor`). */
export async function bench(): Promise<BenchRow> {
  const steps = await shippedSteps();
  const plans = MAPPINGS.map((source) => {
    const parsed = parseMapping(source, 'bench.yaml', steps);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return compileMapping(parsed.mapping, steps);
  });
  const context: MapContext = {
    lookups: lookupTables(TABLES),
    startedAt: '2026-03-02T00:00:00Z',
    landed: () => null,
  };
  const runOurs = (records: readonly LandedRecord[]): number => {
    let made = 0;
    for (const record of records) {
      for (const plan of plans) {
        const result = plan.mapRecord(record, context);
        if (result.kind !== 'mapped') throw new Error(JSON.stringify(result));
        made += result.facts.length;
      }
    }
    return made;
  };
  const records = Array.from({ length: RECORDS }, (_, at) => recordAt(at));
  const run = (work: (records: readonly LandedRecord[]) => number) => () =>
    timed(async () => {
      if (work(records) !== records.length * MAPPINGS.length) throw new Error('A record was lost.');
    });
  const rates = await interleave({
    size: RECORDS,
    rounds: ROUNDS,
    ours: run(runOurs),
    floor: run(runNative),
  });
  return { name: 'map', ...rates, unit: 'records/s', goal: 0.25, atLeast: 50_000 };
}
