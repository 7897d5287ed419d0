import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { loadBuiltins, type Builtins } from '../../src/mapping/builtin.ts';
import { describeNoun } from '../../src/mapping/described-noun.ts';
import { directionOf, isProblem, type Direction } from '../../src/mapping/language/direction.ts';
import {
  isEachRow,
  type AnyRow,
  type MappingDocument,
} from '../../src/mapping/language/mapping-document.ts';
import { compilePath } from '../../src/mapping/compile-path.ts';
import { suggestRows, type RowSuggestion } from '../../src/mapping/suggest-rows.ts';
import { sourceFields, type SourceField } from '../../src/mapping/suggest-sources.ts';
import type { ConnectorSession, FieldDescription } from '../../src/sdk/define-connector.ts';
import { startNetSuite, type NetSuiteUnderTest } from '../support/netsuite-session.ts';
import { openSalesforce, startSalesforce } from '../support/salesforce-session.ts';
import { shippedSteps } from '../support/shipped-steps.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';

/** What is meant to be taken unseen. */
const SURE = 0.9;

let builtins: Builtins;
let salesforce: RunningTwin;
let netsuite: NetSuiteUnderTest;
const sessions = new Map<string, ConnectorSession>();

beforeAll(async () => {
  builtins = await loadBuiltins('mappings', await shippedSteps());
  salesforce = await startSalesforce();
  netsuite = await startNetSuite();
  sessions.set('salesforce', await openSalesforce(salesforce));
  sessions.set('netsuite', await netsuite.open());
}, 60_000);
afterAll(async () => {
  for (const session of sessions.values()) await session.close();
  await salesforce?.stop();
  await netsuite?.stop();
});

const known = new Map<string, Promise<readonly FieldDescription[]>>();

/** What the system describes; nothing for systems whose twin does not describe itself. */
function described(system: string, object: string): Promise<readonly FieldDescription[]> {
  const key = `${system}/${object}`;
  const asked =
    known.get(key) ??
    (sessions.get(system)?.describe(object) ?? Promise.resolve({ fields: [] })).then(
      ({ fields }) => fields,
      () => [],
    );
  known.set(key, asked);
  return asked;
}

function directionFor(document: MappingDocument): Direction {
  const direction = directionOf(document);
  if (isProblem(direction)) throw new Error(document.id);
  return direction;
}

/** Records of a stream, from the tests of every shipped mapping that reads it. */
function samplesOf(system: string, stream: string): readonly JsonObject[] {
  return builtins.mappings.flatMap(({ document }) => {
    const direction = directionFor(document);
    const reads = direction.kind === 'inbound' && direction.connection === system;
    if (!reads || direction.stream !== stream) return [];
    return givenOf(document);
  });
}

function givenOf({ tests = [] }: MappingDocument): readonly JsonObject[] {
  return tests.flatMap(({ given }) => (typeof given === 'string' ? [] : [given as JsonObject]));
}

function includedOf({ tests = [] }: MappingDocument, alias: string): readonly JsonObject[] {
  return tests.flatMap(({ include }) => {
    const one = include?.[alias] ?? null;
    return one === null ? [] : [one as JsonObject];
  });
}

async function sourcesOf(document: MappingDocument): Promise<readonly SourceField[]> {
  const direction = directionFor(document);
  if (direction.kind === 'outbound') {
    const { fields } = describeNoun(direction.document) ?? { fields: [] };
    return sourceFields('src', fields, givenOf(document));
  }
  const { connection, stream } = direction;
  const samples = samplesOf(connection, stream);
  const id = {
    name: 'id',
    label: 'Record id',
    picklist: [],
    values: [],
    seen: true,
    depth: 0,
    isOutside: false,
  };
  const { forEach } = document;
  const fields: SourceField[] = [
    ...(forEach === undefined ? [{ ...id, path: 'record.id', family: 'text' as const }] : []),
    ...sourceFields('src', await described(connection, stream), samples, forEach !== undefined),
  ];
  for (const [alias, { stream: included }] of Object.entries(document.include ?? {}))
    fields.push(
      ...sourceFields(
        alias,
        await described(connection, included),
        [...samplesOf(connection, included), ...includedOf(document, alias)],
        forEach !== undefined,
      ),
    );
  if (forEach !== undefined) {
    const items = compilePath(forEach.items);
    const data = samples.flatMap((src) => (items({ src }) ?? []) as readonly JsonObject[]);
    fields.push(...sourceFields(forEach.as, [], data));
  }
  return fields;
}

async function targetOf(document: MappingDocument): Promise<readonly FieldDescription[]> {
  const direction = directionFor(document);
  if (direction.kind === 'inbound') return describeNoun(direction.noun)?.fields ?? [];
  return described(direction.connection, direction.object);
}

async function suggestionsFor(document: MappingDocument): Promise<readonly RowSuggestion[]> {
  const direction = directionFor(document);
  return suggestRows({
    object: direction.kind === 'inbound' ? direction.noun : direction.object,
    target: await targetOf(document),
    sources: await sourcesOf(document),
    taken: new Set(),
    used: new Set(),
    known: {},
    direction: direction.kind,
  });
}

/** The texts of a row that name what it reads. */
function textsOf(row: AnyRow): string {
  if (isEachRow(row)) return row.each;
  const lookup = typeof row.lookup === 'object' ? row.lookup.key : '';
  const steps = (row.steps ?? []).map((step) => JSON.stringify(step));
  return [row.from ?? '', row.expr ?? '', lookup, ...steps].join(' ').replaceAll('.?', '.');
}

/** True if the shipped row reads what was suggested. */
function isRight(row: AnyRow, path: string): boolean {
  const at = textsOf(row).indexOf(path);
  return at >= 0 && !/[A-Za-z0-9_]/.test(textsOf(row).charAt(at + path.length));
}

interface Tally {
  rows: number;
  found: number;
  sure: number;
  readonly wrong: string[];
  /** Sure suggestions for fields that no shipped row fills. */
  readonly beside: string[];
}

function count(document: MappingDocument, all: readonly RowSuggestion[], tally: Tally): void {
  const suggestions = new Map(all.map((each) => [each.field, each]));
  for (const [field, row] of Object.entries(document.fields)) {
    if (!isEachRow(row) && row.value === undefined) tally.rows += 1;
    const suggestion = suggestions.get(field);
    if (suggestion === undefined) continue;
    const right = isRight(row, suggestion.path);
    if (right) tally.found += 1;
    if (suggestion.score < SURE) continue;
    if (right) tally.sure += 1;
    else tally.wrong.push(`${document.id} ${field}: ${JSON.stringify(suggestion)}`);
  }
  for (const { field, path, score } of all)
    if (score >= SURE && document.fields[field] === undefined)
      tally.beside.push(`${document.id} ${field} ← ${path}`);
}

test('suggesting gives most rows of the shipped mappings back, and none that is sure and wrong', async () => {
  const tally: Tally = { rows: 0, found: 0, sure: 0, wrong: [], beside: [] };

  for (const { document } of builtins.mappings)
    count(document, await suggestionsFor(document), tally);

  const { rows, found, sure } = tally;
  process.stderr.write(
    `suggestions: ${sure} of ${rows} rows at ${SURE} or more (${Math.round((100 * sure) / rows)} %), ${found} at any score\n`,
  );
  expect(tally.wrong).toEqual([]);
  expect(tally.beside).toEqual([
    // When the seat was made, which is when the login was as far as that system knows.
    'github-copilot.seat-user createdAt ← src.created_at',
    // The customer's number is the ERP's own, and a position writes none.
    'netsuite.position-to-customer entityId ← src.accountRef',
    // Trueup wrote the asset, and none of its spans.
    'salesforce.asset-state-period effectExternalId ← asset.Trueup_Id__c',
  ]);
  expect(sure / rows).toBeGreaterThanOrEqual(0.6);
  expect(found / rows).toBeGreaterThanOrEqual(0.7);
}, 60_000);
