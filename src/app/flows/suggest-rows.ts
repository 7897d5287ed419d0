import type { TenantTx } from '../../db/store.ts';
import { landedRecords } from '../../intake/landing.ts';
import { newestRecordIds } from '../../intake/newest-records.ts';
import { HubError, messageOf, StoreUnavailable } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import { knownValues } from '../../ledger/record-facts.ts';
import { compilePath } from '../../mapping/compile-path.ts';
import { isEachRow, type MappingDocument } from '../../mapping/language/mapping-document.ts';
import { suggestRows as suggest, type RowSuggestion } from '../../mapping/suggest-rows.ts';
import { sourceFields, type SourceField } from '../../mapping/suggest-sources.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import {
  describeOurs,
  describeVendor,
  type DescribedSide,
  type DescribePushed,
} from '../describe-side.ts';
import { openSketch, type BenchInput, type MappingSketch } from '../mapping-bench.ts';
import { outboundDocuments } from '../outbound-documents.ts';

export interface SuggestRowsInput extends BenchInput {
  readonly pushed: DescribePushed;
  /** Only for these target fields; all without a row when omitted. */
  readonly fields?: readonly string[] | undefined;
}

export interface Suggestions {
  readonly mapping: string;
  readonly connection: string;
  readonly suggestions: readonly RowSuggestion[];
  /** Required target fields that have no row and no suggestion. */
  readonly missing: readonly string[];
  readonly source: Pick<DescribedSide, 'object' | 'asOf' | 'live' | 'note'>;
  readonly target: Pick<DescribedSide, 'object' | 'asOf' | 'live' | 'note'>;
}

const SAMPLES = 100;
const KNOWN_VALUES = 200;

/**
 * Proposes rows for the target fields of a mapping that have none, from what the systems describe and what landed from
 * them. Needs no service but those; a system that is away is taken as it described itself last. Writes nothing.
 */
export async function suggestRows(
  deps: Deps,
  caller: Caller,
  input: SuggestRowsInput,
): Promise<Suggestions> {
  const sketch = await deps.store.readTenant(caller.tenantId, (tx) => openSketch(deps, tx, input));
  const { document } = sketch;
  const { sides, sources, known } = await gather(deps, caller, sketch, input.pushed);
  const taken = new Set(Object.keys(document.fields));
  const target = sides.target.fields.filter(
    ({ name }) => input.fields === undefined || input.fields.includes(name),
  );
  const suggestions = suggest({
    object: sides.target.object,
    target: target.filter(({ name }) => !isTaken(taken, name)),
    sources,
    taken,
    used: pathsUsed(document),
    known: { ...known, 'currency path': currencyPath(document) },
    direction: sketch.direction.kind,
  });
  const proposed = new Set(suggestions.map(({ field }) => field));
  const missing = target
    .filter(({ name, required, readOnly }) => required && !readOnly && !isTaken(taken, name))
    .filter(({ name }) => !proposed.has(name) && !proposed.has(`${name}.id`))
    .map(({ name }) => name);
  return {
    mapping: sketch.id,
    connection: sketch.connection.id,
    suggestions,
    missing,
    source: ageOf(sides.source),
    target: ageOf(sides.target),
  };
}

/** A row `entity.id` fills `entity`, and the rows of a list all fields of its items. */
function isTaken(taken: ReadonlySet<string>, name: string): boolean {
  return [...taken].some(
    (row) => row === name || row.startsWith(`${name}.`) || name.startsWith(`${row}.`),
  );
}

function pathsUsed({ fields }: MappingDocument): ReadonlySet<string> {
  return new Set(
    Object.values(fields).flatMap((row) =>
      isEachRow(row) || row.from === undefined ? [] : [row.from],
    ),
  );
}

function currencyPath({ fields }: MappingDocument): readonly string[] {
  const row = fields['currency'];
  return row === undefined || isEachRow(row) || row.from === undefined ? [] : [row.from];
}

function ageOf({ object, asOf, live, note }: DescribedSide): Suggestions['source'] {
  return { object, asOf, live, note };
}

interface Gathered {
  readonly sides: { readonly source: DescribedSide; readonly target: DescribedSide };
  readonly sources: readonly SourceField[];
  readonly known: Readonly<Record<string, readonly string[]>>;
}

async function gather(
  deps: Deps,
  caller: Caller,
  sketch: MappingSketch,
  pushed: DescribePushed,
): Promise<Gathered> {
  const { direction, connection } = sketch;
  const { tenantId } = caller;
  const place = (object: string) => ({ connection: connection.id, object });
  if (direction.kind === 'outbound') {
    const sides = {
      source: describeOurs(direction.document),
      target: await describeVendor(deps, tenantId, place(direction.object), pushed),
    };
    const samples = await deps.store.readTenant(tenantId, async (tx) =>
      (await outboundDocuments(deps, tx, direction.document, connection.id)).slice(0, SAMPLES),
    );
    const data = samples.map((sample) => sample.data);
    return { sides, sources: sourceFields('src', sides.source.fields, data), known: {} };
  }
  const source = await describeOrNothing(deps, tenantId, place(direction.stream), pushed);
  const { samples, included, known } = await deps.store.readTenant(tenantId, async (tx) => ({
    samples: await samplesOf(tx, connection.id, direction.stream),
    included: await includedSamples(tx, sketch),
    known: await knownValues(tx, direction.noun, KNOWN_VALUES),
  }));
  const isLoop = sketch.document.forEach !== undefined;
  const ownId = isLoop ? [] : recordId();
  const fields = [...ownId, ...sourceFields('src', source.fields, samples, isLoop)];
  for (const { alias, stream, data } of included) {
    const described = await describeOrNothing(deps, tenantId, place(stream), pushed);
    fields.push(...sourceFields(alias, described.fields, data, isLoop));
  }
  fields.push(...itemFields(sketch, samples));
  return { sides: { source, target: describeOurs(direction.noun) }, sources: fields, known };
}

/** Samples alone are enough to suggest from; a system that was never described and is away says so in its note. */
async function describeOrNothing(
  deps: Deps,
  tenantId: string,
  place: { readonly connection: string; readonly object: string },
  pushed: DescribePushed,
): Promise<DescribedSide> {
  try {
    return await describeVendor(deps, tenantId, place, pushed);
  } catch (error) {
    if (!(error instanceof HubError) || error instanceof StoreUnavailable) throw error;
    const { connection, object } = place;
    return {
      object,
      label: object,
      fields: [],
      connection,
      asOf: null,
      live: false,
      note: messageOf(error),
    };
  }
}

function recordId(): readonly SourceField[] {
  return [
    {
      path: 'record.id',
      name: 'id',
      label: 'The id of the record',
      family: 'text',
      picklist: [],
      values: [],
      seen: true,
      depth: 0,
      isOutside: false,
    },
  ];
}

async function samplesOf(
  tx: TenantTx,
  connection: string,
  stream: string,
): Promise<readonly JsonObject[]> {
  const ids = await newestRecordIds(tx, { connection, stream }, SAMPLES);
  const records = await landedRecords(tx, connection, stream, ids);
  return records.filter(({ deleted }) => !deleted).map(({ data }) => data);
}

async function includedSamples(
  tx: TenantTx,
  { connection, document }: MappingSketch,
): Promise<
  readonly {
    readonly alias: string;
    readonly stream: string;
    readonly data: readonly JsonObject[];
  }[]
> {
  const found = [];
  for (const [alias, { stream }] of Object.entries(document.include ?? {}))
    found.push({ alias, stream, data: await samplesOf(tx, connection.id, stream) });
  return found;
}

/** What the items of the mapping's loop hold, in the samples. */
function itemFields(
  { document }: MappingSketch,
  samples: readonly JsonObject[],
): readonly SourceField[] {
  const { forEach } = document;
  if (forEach === undefined) return [];
  const items = compilePath(forEach.items);
  const data = samples.flatMap((src) => {
    const list = items({ src });
    return Array.isArray(list) ? list.filter(isObject).slice(0, SAMPLES) : [];
  });
  return sourceFields(forEach.as, [], data.slice(0, SAMPLES));
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
