import type { FieldDescription } from '../sdk/define-connector.ts';
import { familyOf, type SourceField, type ValueFamily } from './suggest-sources.ts';
import { alike, meansTheSame, words } from './suggest-words.ts';

export interface PairContext {
  /** The noun or object of the target: `number` of an order is an order number. */
  readonly object: string;
  /** Different values that the target field holds today. */
  readonly known: readonly string[];
  readonly direction: 'inbound' | 'outbound';
}

export interface PairScore {
  /** 0 to 1. */
  readonly score: number;
  readonly reasons: readonly string[];
}

const NONE: PairScore = { score: 0, reasons: [] };
/** Fewer common values than this are chance. */
const LEAST_OVERLAP = 3;

/** How well a source fits a target field, and why, in words. */
export function scorePair(
  source: SourceField,
  target: FieldDescription,
  context: PairContext,
): PairScore {
  if (source.path === 'record.id')
    return target.key ? { score: 1, reasons: ["the record's own id"] } : NONE;
  if (target.key && context.direction === 'inbound') return NONE;
  const family = familyOf(target.type);
  const named = nameScore(source, target, context.object);
  const shared = overlap(source.values, context.known);
  if (named.score === 0 && shared === 0) return NONE;
  if (!fits(source.family, family)) return { score: named.score * 0.5, reasons: named.reasons };
  const sameType = source.family === family;
  const base = Math.max(named.score, shared === 0 ? 0 : 0.5 + 0.3 * shared);
  const score = base + (sameType ? 0.02 : 0) + 0.03 * shared - distance(source);
  return {
    score: Math.max(0, Math.min(1, score)),
    reasons: [
      ...named.reasons,
      ...(sameType ? ['the same type'] : []),
      ...(shared === 0
        ? []
        : [`${Math.round(shared * 100)}% of its values are known in the target`]),
      ...(source.seen === false ? ['no sample has it'] : []),
    ],
  };
}

/** What lies deep in a record, or in no sample, is less likely meant. */
function distance({ depth, seen }: SourceField): number {
  return depth * 0.02 + (seen === false ? 0.15 : 0);
}

function nameScore(source: SourceField, target: FieldDescription, object: string): PairScore {
  const names = [source.name, ...(source.label === source.name ? [] : [source.label])];
  const targets = [target.name, ...(target.label === target.name ? [] : [target.label])];
  let best: PairScore = NONE;
  for (const [s, sourceName] of names.entries()) {
    for (const [t, targetName] of targets.entries()) {
      const pair = compareNames(words(sourceName), words(targetName), words(object));
      // A label is less sure than a name: people relabel fields.
      const score = pair.score - (s + t === 0 ? 0 : 0.02);
      const said = s + t === 0 ? pair.reasons : pair.reasons.map((reason) => `label: ${reason}`);
      if (pair.score > 0 && score > best.score) best = { score, reasons: said };
    }
  }
  return best;
}

function compareNames(
  source: readonly string[],
  target: readonly string[],
  object: readonly string[],
): PairScore {
  const left = source.join('');
  const right = target.join('');
  if (left === right) return { score: 0.98, reasons: ['the same name'] };
  const a = alike(source);
  const b = alike(target);
  if (a.join('') === b.join(''))
    return { score: 0.95, reasons: [`${source.join(' ')} means ${target.join(' ')}`] };
  if (meansTheSame(left, right))
    return { score: 0.94, reasons: [`${source.join(' ')} means ${target.join(' ')}`] };
  const qualified = [...alike(object), ...b].join('');
  if (a.join('') === qualified)
    return {
      score: 0.93,
      reasons: [`${source.join(' ')} is the ${target.join(' ')} of the ${object.join(' ')}`],
    };
  if (b.at(-1) === 'ref' && a.join('') === b.slice(0, -1).join(''))
    // A name and an id may both be called so; a person has to look.
    return { score: 0.87, reasons: [`${source.join(' ')} may refer to the same`] };
  return sharedWords(a, b);
}

function sharedWords(a: readonly string[], b: readonly string[]): PairScore {
  const common = [...new Set(a)].filter((word) => b.includes(word));
  const telling = common.filter(
    (word) => !['ref', 'number', 'date', 'name', 'code'].includes(word),
  );
  if (telling.length === 0) return NONE;
  const dice = (2 * common.length) / (new Set(a).size + new Set(b).size);
  return { score: 0.8 * dice, reasons: [`both say ${common.join(', ')}`] };
}

/** The share of a source's values that the target knows; 0 below {@link LEAST_OVERLAP} of them. */
function overlap(values: readonly string[], known: readonly string[]): number {
  if (values.length === 0 || known.length === 0) return 0;
  const held = new Set(known.map((value) => value.toLowerCase()));
  const common = values.filter((value) => held.has(value.toLowerCase()));
  return common.length < LEAST_OVERLAP ? 0 : common.length / values.length;
}

/** Whether a value of one family can become one of another by a step. */
function fits(source: ValueFamily, target: ValueFamily): boolean {
  if (source === 'unknown' || target === 'unknown' || source === target) return true;
  if (target === 'text') return source !== 'object' && source !== 'list' && source !== 'boolean';
  if (target === 'date') return source === 'instant' || source === 'text';
  if (target === 'instant') return source === 'date' || source === 'text';
  if (target === 'number' || target === 'integer')
    return source === 'number' || source === 'integer' || source === 'text';
  return target === 'boolean' && source === 'text';
}
