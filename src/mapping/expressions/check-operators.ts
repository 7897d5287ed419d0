import type { ASTNode } from '@marcbachmann/cel-js';
import { didYouMean } from '../language/closest-name.ts';
import type { Kind } from '../language/described.ts';
import { ANYTHING, shapeOfKind, type Shape } from '../language/shape.ts';

/** Something that an expression does with a value that it cannot do, and where. */
export interface KindProblem {
  readonly code: 'unknown_field' | 'type_mismatch' | 'unknown_option';
  readonly message: string;
  readonly hint: string | null;
  /** False for what may be meant: a member that is asked for with `.?`, an option that is no longer offered. */
  readonly certain: boolean;
  /** The character at which it goes wrong, from 0. */
  readonly at: number;
}

/** Where problems are gathered. */
export interface Walk {
  readonly problems: KindProblem[];
  readonly text: string;
}

/** The shape of a part of an expression, whose own problems it notes. */
export type ShapeOf = (node: ASTNode) => Shape;

/** Dates are text for every operator. */
export function plain(kind: Kind): Kind {
  return kind === 'date' || kind === 'instant' ? 'text' : kind;
}

export const WORDS: Readonly<Record<Kind, string>> = {
  text: 'text',
  number: 'a number',
  boolean: 'true or false',
  date: 'a date',
  instant: 'an instant',
  list: 'a list',
  object: 'an object',
  any: 'anything',
};

export function mismatch(
  walk: Walk,
  node: ASTNode,
  message: string,
  hint: string | null = null,
): void {
  walk.problems.push({
    code: 'type_mismatch',
    message,
    hint,
    certain: true,
    at: node.range.start,
  });
}

export function boolean(walk: Walk, nodes: readonly ASTNode[], inner: ShapeOf): Shape {
  for (const node of nodes) {
    const { kind } = inner(node);
    if (kind !== 'boolean' && kind !== 'any')
      mismatch(walk, node, `A condition is needed here, and this is ${WORDS[kind]}.`);
  }
  return shapeOfKind('boolean');
}

export function figure(
  walk: Walk,
  operator: string,
  nodes: readonly ASTNode[],
  inner: ShapeOf,
): Shape {
  for (const node of nodes) {
    const { kind } = inner(node);
    if (kind === 'number' || kind === 'any') continue;
    const hint = plain(kind) === 'text' ? TEXT_FIGURES[operator] : undefined;
    mismatch(
      walk,
      node,
      `"${operator.charAt(0)}" needs a number, and this is ${WORDS[kind]}.`,
      hint,
    );
  }
  return shapeOfKind('number');
}

/** What to write for figures that are text, which stay exact. */
const TEXT_FIGURES: Readonly<Record<string, string>> = {
  '-': 'Write subtract(a, b), which reads figures from text.',
  '*': 'Write multiply(a, b), which reads figures from text.',
  '/': 'Write divide(a, b, places), which reads figures from text.',
};

export function sum(walk: Walk, [left, right]: readonly [ASTNode, ASTNode], inner: ShapeOf): Shape {
  const kinds = [plain(inner(left).kind), plain(inner(right).kind)] as const;
  const [a, b] = kinds;
  for (const [at, kind] of kinds.entries()) {
    if (kind === 'boolean' || kind === 'object')
      mismatch(walk, at === 0 ? left : right, `"+" does not add ${WORDS[kind]}.`);
  }
  const known = kinds.includes('any') ? null : kinds;
  if (known !== null && a !== b && !kinds.some((kind) => kind === 'boolean' || kind === 'object')) {
    const hint = kinds.includes('text') && kinds.includes('number') ? 'Write text(…) around the number to join them, or add(a, b) to add figures.' : null; // prettier-ignore
    mismatch(walk, right, `"+" adds two of a kind, not ${WORDS[a]} and ${WORDS[b]}.`, hint);
  }
  // What adds to a text is a text, or fails.
  return shapeOfKind(a === 'any' ? b : a);
}

export function comparison(
  walk: Walk,
  [left, right]: readonly [ASTNode, ASTNode],
  inner: ShapeOf,
): Shape {
  const [a, b] = [inner(left), inner(right)];
  const kinds = [plain(a.kind), plain(b.kind)] as const;
  if (kinds[0] !== kinds[1] && !kinds.includes('any'))
    mismatch(walk, right, `${WORDS[a.kind]} is never like ${WORDS[b.kind]}.`);
  optionOf(walk, a, right);
  optionOf(walk, b, left);
  return shapeOfKind('boolean');
}

export function membership(
  walk: Walk,
  [left, right]: readonly [ASTNode, ASTNode],
  inner: ShapeOf,
): Shape {
  const shape = inner(left);
  inner(right);
  if (right.op === 'list') for (const each of right.args) optionOf(walk, shape, each);
  return shapeOfKind('boolean');
}

/** A text that a picklist is compared with should be one of its values. */
function optionOf(walk: Walk, { options }: Shape, node: ASTNode): void {
  if (options.length === 0 || node.op !== 'value' || typeof node.args !== 'string') return;
  const text = node.args;
  if (text === '' || options.includes(text)) return;
  walk.problems.push({
    code: 'unknown_option',
    message: `The field has no option "${text}".`,
    hint: didYouMean(text, options) ?? `One of ${options.slice(0, 20).join(', ')}.`,
    certain: false,
    at: node.range.start,
  });
}

export function choice(
  walk: Walk,
  [condition, yes, no]: readonly [ASTNode, ASTNode, ASTNode],
  inner: ShapeOf,
): Shape {
  boolean(walk, [condition], inner);
  const shapes = [yes, no]
    .map((node) => ({ node, shape: inner(node) }))
    .filter(({ node }) => node.op !== 'value' || node.args !== null)
    .map(({ shape }) => shape);
  return alike(shapes);
}

/** What either of some shapes may be: their kind where they share it. */
export function alike([first, ...others]: readonly Shape[]): Shape {
  if (first === undefined || others.some(({ kind }) => kind !== first.kind)) return ANYTHING;
  return others.length === 0 ? first : shapeOfKind(first.kind);
}
