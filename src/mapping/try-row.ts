import type * as z from 'zod';
import { ValidationError } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';
import { compileRow, isBlank, SKIP } from './compile-row.ts';
import { parsePath } from './compile-path.ts';
import { TARGET_TYPES, type Row, type TargetType } from './language/mapping-document.ts';
import type { Steps } from './language/parse-mapping.ts';
import type { Shape } from './language/shape.ts';
import { lookupTables } from './lookups.ts';
import { samplesOf } from './sample-values.ts';
import { shapeOf } from './shape-of.ts';

/** What a row is tried with. */
interface Trial {
  /** What its source gives. */
  readonly shape: Shape;
  /** The field that it writes. */
  readonly target: Shape;
  /** The schema of the field, where it is one of ours. */
  readonly schema: z.ZodType | null;
  readonly steps: Steps;
}

/** Why a row never works. */
interface Misfit {
  readonly message: string;
  readonly hint: string | null;
  /** The part of the row that is at fault; null for the row as a whole. */
  readonly part: readonly (string | number)[] | null;
}

const NO_TABLES = lookupTables({});

/**
 * Runs a row's own steps and type on values that its source may give. A row that fails on each of them, or whose every
 * result the target refuses, never works. Null if it works on one, or if too little is known to try.
 */
export function tryRow(row: Row, trial: Trial): Misfit | null {
  if (row.lookup !== undefined || row.default !== undefined || readsMore(row)) return null;
  const samples = samplesOf(trial.shape, trial.target.options);
  if (samples === null || samples.length === 0) return null;
  const results = samples.map((sample) => resultOf(row, sample, trial.steps));
  const given = results.flatMap((result) => ('value' in result ? [result.value] : []));
  const source =
    trial.shape.type === null ? shapeOf(samples[0]) : `a field of type ${trial.shape.type}`;
  if (given.length === 0) {
    const [first] = results;
    const reason = first !== undefined && 'error' in first ? first.error : '';
    return { message: `The row reads ${source}, and fails: ${reason}`, hint: null, part: null };
  }
  const refused = given.map((value) => refusalOf(value, trial));
  const [reason] = refused;
  if (reason === undefined || reason === null || refused.includes(null)) return null;
  const hint = typeThatFits(row, samples, trial);
  return {
    message: `The row reads ${source} and gives ${shapeOf(given[0])}, which the field never takes: ${reason}.`,
    hint: hint === null ? null : `Write to: ${hint}.`,
    part: null,
  };
}

/** Steps that read another field of the record cannot be tried on one value. */
function readsMore({ steps = [] }: Row): boolean {
  const values = steps.flatMap((step) => (typeof step === 'string' ? [] : Object.values(step)));
  return values.some((value) => typeof value === 'string' && (parsePath(value)?.segments ?? []).length > 0); // prettier-ignore
}

type Result = { readonly value: Json } | { readonly error: string };

function resultOf(row: Row, sample: Json, steps: Steps): Result {
  const { steps: own, to } = row;
  const alone = { from: 'sample', ...(own && { steps: own }), ...(to && { to }) };
  const read = compileRow(alone, { steps, names: ['sample'], lookups: new Set() });
  try {
    const value = read({ sample }, { lookups: NO_TABLES });
    return { value: value === SKIP || value === undefined ? null : value };
  } catch (error) {
    if (error instanceof ValidationError) return { error: error.message };
    throw error;
  }
}

/** Why the target does not take a value; null if it may. */
function refusalOf(value: Json, { schema, target }: Trial): string | null {
  if (isBlank(value)) return null;
  if (schema !== null) {
    const parsed = schema.safeParse(value);
    return parsed.success ? null : (parsed.error.issues[0]?.message ?? 'it does not fit');
  }
  const wants = WANTED[target.kind];
  return wants === undefined || wants.takes(value) ? null : `it is ${wants.words}`;
}

interface Wanted {
  readonly words: string;
  takes(value: Json): boolean;
}

const isDateText = (value: Json): boolean =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value);

/** What vendors' fields take at the most: figures also as text, anything that has one spelling as text. */
const WANTED: Readonly<Partial<Record<Shape['kind'], Wanted>>> = {
  number: {
    words: 'a number',
    takes: (value) =>
      typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)),
  },
  boolean: {
    words: 'true or false',
    takes: (value) => typeof value === 'boolean' || isYesNo(value),
  },
  date: { words: 'a date', takes: isDateText },
  instant: { words: 'an instant', takes: isDateText },
  text: { words: 'text', takes: (value) => typeof value !== 'object' },
};

function isYesNo(value: Json): boolean {
  return typeof value === 'string' && /^(true|false|t|f)$/i.test(value);
}

const FIGURES_FIRST: readonly TargetType[] = [
  'decimal',
  ...TARGET_TYPES.filter((type) => type !== 'decimal' && type !== 'text'),
  'text',
];

/** The first type that would make the row work. */
function typeThatFits(row: Row, samples: readonly Json[], trial: Trial): TargetType | null {
  const fits = (to: TargetType): boolean =>
    samples.some((sample) => {
      const result = resultOf({ ...row, to }, sample, trial.steps);
      return 'value' in result && !isBlank(result.value) && refusalOf(result.value, trial) === null;
    });
  // "25" would do as text and as a decimal: text is meant only where any text is taken.
  const order = refusalOf('abc', trial) === null ? TARGET_TYPES : FIGURES_FIRST;
  return order.find((to) => to !== row.to && fits(to)) ?? null;
}
