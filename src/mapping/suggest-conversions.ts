import type { FieldDescription } from '../sdk/define-connector.ts';
import type { Step } from './language/mapping-document.ts';
import { familyOf, type SourceField } from './suggest-sources.ts';
import { words } from './suggest-words.ts';

/** What turns a source's value into one that the target takes. */
export interface Conversion {
  readonly steps: readonly Step[];
  readonly lookup: {
    readonly table: string;
    readonly entries: Readonly<Record<string, string>>;
    /** Options of the source that no value of the target fits. */
    readonly unmatched: readonly string[];
  } | null;
  readonly reasons: readonly string[];
  /** Why a person has to look at it; null where the conversion is sure. */
  readonly doubt: string | null;
}

const PLAIN: Conversion = { steps: [], lookup: null, reasons: [], doubt: null };

/** The steps that a proposed row needs. */
export function convert(
  source: SourceField,
  target: FieldDescription,
  context: {
    readonly direction: 'inbound' | 'outbound';
    readonly object: string;
    /** The path of the record's currency, for amounts. */
    readonly currency: string | null;
  },
): Conversion {
  if (target.picklist.length > 0) return choose(source, target, context);
  if (context.direction === 'outbound') return outbound(source, target);
  const type = stepOf(source, target);
  if (target.name === 'validTo')
    return step('next-day', 'an end is the last day, ours is the day after');
  if (target.type === 'amount' && context.currency !== null)
    return step({ amount: context.currency }, 'to the digits of its currency');
  return type === null ? PLAIN : step(type, `turned by ${type}`);
}

function step(step: Step, reason: string): Conversion {
  return { steps: [step], lookup: null, reasons: [reason], doubt: null };
}

function stepOf(source: SourceField, target: FieldDescription): string | null {
  const family = familyOf(target.type);
  if (target.type === 'decimal' || target.type === 'amount') return 'decimal';
  if (family === 'integer') return source.family === 'integer' ? null : 'integer';
  if (family === 'date') return source.family === 'date' ? null : 'date';
  if (family === 'instant') return 'instant';
  if (family === 'boolean') return source.family === 'boolean' ? null : 'boolean';
  const isFigure = source.family === 'number' || source.family === 'integer';
  return family === 'text' && isFigure ? 'text' : null;
}

/** Our figures are texts; vendors take numbers. */
function outbound(source: SourceField, target: FieldDescription): Conversion {
  const family = familyOf(target.type);
  if (target.type === 'reference' && words(source.name).at(-1) !== 'ref')
    return { ...PLAIN, doubt: 'it wants the id of a record' };
  if (family === 'number' && source.family !== 'integer') return step('number', 'turned by number');
  if (family === 'date' && source.family === 'instant') return step('date', 'turned by date');
  return PLAIN;
}

/**
 * From one list of choices into another: as it is where the choices are the same, picked where each has its counterpart,
 * else through a lookup table that a person completes.
 */
function choose(
  source: SourceField,
  target: FieldDescription,
  { object }: { readonly object: string },
): Conversion {
  const options = source.picklist.length > 0 ? source.picklist : source.values;
  if (options.length === 0)
    return { ...PLAIN, doubt: `it takes only ${target.picklist.join(', ')}` };
  if (options.every((option) => target.picklist.includes(option))) return PLAIN;
  const entries: Record<string, string> = {};
  for (const option of options) {
    const found = target.picklist.find((each) => words(each).join('') === words(option).join(''));
    if (found !== undefined) entries[option] = found;
  }
  const unmatched = options.filter((option) => !Object.hasOwn(entries, option));
  if (unmatched.length === 0 && source.picklist.length > 0)
    return step({ pick: entries }, 'each option has its counterpart');
  const table = [...words(object), ...words(target.name)].join('-').slice(0, 63);
  return {
    steps: [],
    lookup: { table, entries, unmatched },
    reasons: ['its options go through a lookup table'],
    doubt:
      unmatched.length === 0
        ? 'only samples tell its options'
        : `no counterpart for ${unmatched.slice(0, 5).join(', ')}`,
  };
}
