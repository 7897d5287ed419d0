import type { ASTNode } from '@marcbachmann/cel-js';
import { didYouMean } from '../language/closest-name.ts';
import type { Kind } from '../language/described.ts';
import { ANYTHING, shapeOfKind, type Shape } from '../language/shape.ts';
import {
  alike,
  boolean,
  choice,
  comparison,
  figure,
  membership,
  mismatch,
  plain,
  sum,
  WORDS,
  type KindProblem,
  type ShapeOf,
  type Walk,
} from './check-operators.ts';
import { environmentsFor } from './expression-environment.ts';

/** What an expression that compiles gives, and what it does wrong with values of these shapes. */
export interface CheckedKinds {
  readonly shape: Shape;
  readonly problems: readonly KindProblem[];
}

type Names = Readonly<Record<string, Shape>>;

/**
 * Walks an expression that compiles with what is known of the values in sight. Only what is certainly wrong is told:
 * members that an object does not have, and operators on kinds that never work or are never equal.
 */
export function checkKinds(text: string, names: Names): CheckedKinds {
  const { written } = environmentsFor(Object.keys(names));
  const walk: Walk = { problems: [], text };
  const shape = shapeIn(walk, written.parse(text).ast, names);
  return { shape, problems: walk.problems };
}

function shapeIn(walk: Walk, node: ASTNode, names: Names): Shape {
  const inner = (child: ASTNode): Shape => shapeIn(walk, child, names);
  switch (node.op) {
    case 'value':
      return shapeOfLiteral(node.args);
    case 'id':
      return Object.hasOwn(names, node.args) ? (names[node.args] ?? ANYTHING) : ANYTHING;
    case '.':
    case '.?':
      return memberOf(walk, node, inner(node.args[0]), node.args[1]);
    case '[]':
    case '[?]':
      return elementOf(walk, node, inner(node.args[0]), node.args[1], inner);
    case '!_':
      return boolean(walk, [node.args], inner);
    case '-_':
      return figure(walk, node.op, [node.args], inner);
    case '&&':
    case '||':
      return boolean(walk, node.args, inner);
    case '-':
    case '*':
    case '/':
    case '%':
      return figure(walk, node.op, node.args, inner);
    case '+':
      return sum(walk, node.args, inner);
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(walk, node.args, inner);
    case 'in':
      return membership(walk, node.args, inner);
    case '?:':
      return choice(walk, node.args, inner);
    case 'list':
      for (const child of node.args) inner(child);
      return shapeOfKind('list');
    case 'map':
      for (const child of node.args.flat()) inner(child);
      return shapeOfKind('object');
    case 'call':
      return call(walk, node.args[0], node.args[1], inner);
    case 'rcall':
      return method(walk, node.args, names);
  }
}

function shapeOfLiteral(value: unknown): Shape {
  if (typeof value === 'string') return shapeOfKind('text');
  if (typeof value === 'number' || typeof value === 'bigint') return shapeOfKind('number');
  return typeof value === 'boolean' ? shapeOfKind('boolean') : ANYTHING;
}

function memberOf(walk: Walk, node: ASTNode, holder: Shape, name: string): Shape {
  const found = holder.member(name);
  if (found !== null) return found;
  walk.problems.push({
    code: 'unknown_field',
    message: `There is no field "${name}" here.`,
    hint: didYouMean(name, holder.names),
    certain: node.op === '.' || node.op === '[]',
    at: Math.max(node.range.start, walk.text.lastIndexOf(name, node.range.end)),
  });
  return ANYTHING;
}

function elementOf(walk: Walk, node: ASTNode, holder: Shape, key: ASTNode, inner: ShapeOf): Shape {
  inner(key);
  if (key.op === 'value' && typeof key.args === 'string')
    return memberOf(walk, node, holder, key.args);
  return holder.kind === 'list' ? holder.item() : ANYTHING;
}

/** What functions give; those that are not here may give anything. */
const RESULTS: Readonly<Record<string, Kind>> = {
  text: 'text',
  substr: 'text',
  pad: 'text',
  join: 'text',
  hash: 'text',
  string: 'text',
  split: 'list',
  unique: 'list',
  sum: 'text',
  add: 'text',
  subtract: 'text',
  multiply: 'text',
  divide: 'text',
  round: 'text',
  money: 'text',
  endOfMonth: 'date',
  daysBetween: 'number',
  fiscalQuarter: 'number',
  size: 'number',
  int: 'number',
  double: 'number',
  has: 'boolean',
  regex: 'boolean',
  bool: 'boolean',
};

/** The first argument is a date: as text. */
const OF_DATES = new Set([
  'date',
  'addDays',
  'addMonths',
  'endOfMonth',
  'daysBetween',
  'fiscalQuarter',
]);

function call(walk: Walk, name: string, args: readonly ASTNode[], inner: ShapeOf): Shape {
  const shapes = args.map(inner);
  const [first, kind] = [args[0], shapes[0]?.kind ?? 'any'];
  if (first !== undefined && OF_DATES.has(name) && plain(kind) !== 'text' && kind !== 'any')
    mismatch(walk, first, `${name}() needs a date, and this is ${WORDS[kind]}.`);
  if (name === 'coalesce') return alike(shapes);
  const result = RESULTS[name];
  return result === undefined ? ANYTHING : shapeOfKind(result);
}

const LOOPS = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);
const OF_TEXT = new Set(['contains', 'startsWith', 'endsWith']);

function method(
  walk: Walk,
  [name, receiver, args]: readonly [string, ASTNode, readonly ASTNode[]],
  names: Names,
): Shape {
  const holder = shapeIn(walk, receiver, names);
  const [variable, ...bodies] = args;
  if (LOOPS.has(name) && variable?.op === 'id') {
    const inside = { ...names, [variable.args]: holder.kind === 'list' ? holder.item() : ANYTHING };
    for (const body of bodies) shapeIn(walk, body, inside);
    return name === 'map' || name === 'filter' ? shapeOfKind('list') : shapeOfKind('boolean');
  }
  const shapes = args.map((arg) => shapeIn(walk, arg, names));
  if (name === 'orValue') return alike([holder, ...shapes]);
  if (!OF_TEXT.has(name)) return ANYTHING;
  if (plain(holder.kind) !== 'text' && holder.kind !== 'any')
    mismatch(walk, receiver, `${name}() looks into text, and this is ${WORDS[holder.kind]}.`);
  return shapeOfKind('boolean');
}
