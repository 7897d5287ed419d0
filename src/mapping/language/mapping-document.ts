import * as z from 'zod';

/**
 * The mapping file, in YAML for people and JSON for machines. One document turns the records of one vendor object
 * into facts of one noun (inbound), or documents of ours into records of one vendor object (outbound).
 */

const Identifier = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
    'is not a name: letters, digits and underscores, at most 63',
  );
/** A number that columns and paths hold, with room for every version to come. */
const MAX_VERSION = 1_000_000;
const VendorObject = z.string().min(1).max(120);
const Path = z.string().min(1).max(500);
const Expression = z.string().min(1).max(4_000);

/** Any JSON value; YAML's infinities and NaN are not among them. */
const Constant = z.json();

/** One step of `steps`: a name, or a name with its argument. */
const Step = z.union(
  [
    z.string().min(1),
    z
      .record(z.string().min(1), Constant)
      .refine((step) => Object.keys(step).length === 1)
      .meta({ minProperties: 1, maxProperties: 1 }),
  ],
  { error: 'is not a step: write its name, or { name: argument }' },
);
export type Step = z.infer<typeof Step>;

/** Characters of a target field's name: `item.items` and the longest custom field are far below. */
export const MAX_ROW_NAME = 200;

export const TARGET_TYPES = [
  'text',
  'integer',
  'number',
  'decimal',
  'boolean',
  'date',
  'instant',
] as const;
export type TargetType = (typeof TARGET_TYPES)[number];

const LookupByPath = z.strictObject({ table: z.string().min(1), key: Path });

export const RowName = z.string().min(1).max(MAX_ROW_NAME);

/**
 * What happens to a field that both sides may write. `prefer-source-unless-blank`: the source's value, and the target's
 * where the source has none. `source-wins`: the source's value. `target-wins`: the source only fills what is blank in the
 * target. `latest-wins`: whichever side changed later. `ask`: a change on both sides waits for a person. `dont-sync`: the
 * row is not written.
 */
export const SYNC_RULES = [
  'prefer-source-unless-blank',
  'source-wins',
  'target-wins',
  'latest-wins',
  'ask',
  'dont-sync',
] as const;
export type SyncRule = (typeof SYNC_RULES)[number];

/** A row: where one target field comes from. Exactly one of from, value, expr and lookup-by-path says so. */
export const Row = z.strictObject({
  from: Path.optional(),
  value: Constant.optional(),
  expr: Expression.optional(),
  lookup: z
    .union([z.string().min(1), LookupByPath], { error: 'is a table, or { table, key }' })
    .optional(),
  steps: z.array(Step).max(20).optional(),
  to: z.enum(TARGET_TYPES).optional(),
  /** What to do when there is no value: `keep` (lookups only) hands on the key itself. */
  onMissing: z.enum(['error', 'null', 'skip', 'keep']).optional(),
  default: Constant.optional(),
  key: z.boolean().optional(),
  pii: z.boolean().optional(),
  sync: z.enum(SYNC_RULES).optional(),
  blankPolicy: z.enum(['keep', 'clear']).optional(),
});
export type Row = z.infer<typeof Row>;

/** A row of an outbound mapping that builds a list of nested objects. */
export interface EachRow {
  each: string;
  as: string;
  when?: string | undefined;
  fields: Record<string, Row>;
}
export const EachRow: z.ZodType<EachRow> = z.strictObject({
  each: Path,
  as: Identifier,
  when: Expression.optional(),
  fields: z.record(RowName, Row),
});

export type AnyRow = Row | EachRow;

/** More rows than any vendor object has fields. */
const MAX_ROWS = 1_000;

/** A row is read as what it says it is, so that its problems are told one by one. */
const Fields = z
  .record(RowName, z.looseObject({}))
  .refine((fields) => Object.keys(fields).length <= MAX_ROWS, `may have ${MAX_ROWS} rows`)
  .transform((fields, context) => {
    const rows: Record<string, AnyRow> = {};
    for (const [name, row] of Object.entries(fields)) {
      const parsed = ('each' in row ? EachRow : Row).safeParse(row);
      if (parsed.success) rows[name] = parsed.data;
      else context.issues.push(...issuesBelow(name, parsed.error));
    }
    return rows;
  });

function issuesBelow(name: string, error: z.ZodError): z.core.$ZodRawIssue[] {
  return error.issues.map((issue) => ({ ...issue, input: undefined, path: [name, ...issue.path] }));
}

const Include = z.strictObject({
  /** A stream of the same connection. */
  stream: VendorObject,
  /** The path in `src` that holds the included record's id. */
  id: Path,
});

const ForEach = z.strictObject({ items: Path, as: Identifier, when: Expression.optional() });

/** A JSON file in the folder of the mapping or below it. */
const SampleFile = z
  .string()
  .max(200)
  .regex(/^(?![./])(?!.*\.\.)[\w./-]+\.json$/, 'is not a JSON file beside the mapping');

/**
 * How a fact finds the fact before it. The ledger knows facts by the id that their source gave them, and by nothing
 * else, so this says what happens anyway; any other way is refused rather than ignored.
 */
const Match = z.strictObject({
  by: z.tuple([z.literal('externalRef')], {
    error: 'can be [externalRef] only: facts are known by the id that their source gave them',
  }),
  onNone: z.literal('create', { error: 'can be create only: a record that is new is a new fact' }),
  onMany: z.literal('conflict', {
    error: 'can be conflict only: two facts of one id are never merged by themselves',
  }),
});

const MappingTest = z.strictObject({
  name: z.string().min(1),
  /** The record itself, or a JSON file beside the mapping. */
  given: z.union([z.record(z.string(), Constant), SampleFile]),
  id: z.string().optional(),
  include: z.record(Identifier, z.union([z.record(z.string(), Constant), z.null()])).optional(),
  lookups: z.record(z.string(), z.record(z.string(), Constant)).optional(),
  expect: z.union([
    z.record(z.string(), Constant),
    z.array(z.record(z.string(), Constant)),
    z.literal('skipped'),
    z.literal('failed'),
  ]),
});
export type MappingTest = z.infer<typeof MappingTest>;

export const MappingId = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+$/,
    'is not an id such as salesforce.opportunity-line',
  )
  .max(120);

export const MappingDocument = z.strictObject({
  $schema: z.string().optional(),
  id: MappingId,
  version: z.number().int().positive().max(MAX_VERSION),
  title: z.string().max(200).optional(),
  source: z.strictObject({ connection: z.string().min(1).optional(), object: VendorObject }),
  include: z.record(Identifier, Include).optional(),
  target: z.strictObject({ connection: z.string().min(1).optional(), object: VendorObject }),
  /** Maps what is still known of records that are gone, and none that are there. */
  deleted: z.boolean().optional(),
  when: Expression.optional(),
  match: Match.optional(),
  forEach: ForEach.optional(),
  fields: Fields,
  tests: z.array(MappingTest).max(200).optional(),
});
export type MappingDocument = z.infer<typeof MappingDocument>;

/** A published mapping that changes a shipped one: it names it, and gives only what differs. */
export const MappingOverride = z.strictObject({
  ...MappingDocument.partial().shape,
  id: MappingId,
  version: z.number().int().positive().max(MAX_VERSION),
  extends: z
    .string()
    .regex(
      /^builtin:[a-z0-9.-]+@\d+$/,
      'is not a shipped mapping such as builtin:salesforce.sku@1',
    ),
  /** Target fields of the shipped mapping that are left out. */
  remove: z.array(z.string()).max(200).optional(),
});
export type MappingOverride = z.infer<typeof MappingOverride>;

/** True if a row builds a nested list. */
export function isEachRow(row: AnyRow): row is EachRow {
  return 'each' in row;
}
