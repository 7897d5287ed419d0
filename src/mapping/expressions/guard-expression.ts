import type { ASTNode } from '@marcbachmann/cel-js';
import { ValidationError } from '../../kernel/errors.ts';

/** What the guard learns from an expression, and the text that is really run. */
export interface GuardedExpression {
  /** The expression with a counter put around everything whose cost grows with the data. */
  readonly text: string;
  /** Lookup tables that it names. */
  readonly lookups: readonly string[];
  /** Syntax nodes: the cost of one evaluation without its loops. */
  readonly nodes: number;
}

/** The counting function. The guard refuses the name, so that no mapping can call it. */
export const COUNTER = '__spend';

const LOOPS = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);
const MAX_LOOP_NESTING = 2;
/** Reading a clock in a time zone goes through the locale library, about 100 µs a call. */
const ZONED_GETTER_STEPS = 1_000;

const REFUSED: Readonly<Record<string, string>> = {
  matches: 'matches() uses a backtracking engine. Use regex(text, pattern).',
  bind: 'cel.bind() is not supported. Write the expression out.',
  bytes: 'Bytes are not supported in mappings.',
  json: 'Bytes are not supported in mappings.',
  [COUNTER]: 'This name is reserved.',
};

/** Functions of the engine itself that read a whole value; ours count for themselves. */
const ENGINE_FUNCTIONS = new Set([
  'size',
  'string',
  'int',
  'uint',
  'double',
  'bool',
  'timestamp',
  'duration',
]);
/** Methods whose receiver is an optional or a namespace: nothing to count, and a wrapper would hide the type. */
const UNCOUNTED_METHODS = new Set(['of', 'none', 'or', 'orValue', 'hasValue', 'value']);
interface Walk {
  readonly lookups: Set<string>;
  nodes: number;
}

/**
 * Checks the syntax tree of an expression and prints the text to run, with a counter around each loop's list and
 * around each operand whose size costs time. Throws a ValidationError (`details.code`, `details.at`) for what may
 * not be used: backtracking regexes, `bind`, bytes, loops nested deeper than two, lookups without a fixed table.
 */
export function guardExpression(ast: ASTNode): GuardedExpression {
  const walk: Walk = { lookups: new Set(), nodes: 0 };
  const text = print(walk, ast, 0);
  return { text, lookups: [...walk.lookups], nodes: walk.nodes };
}

function print(walk: Walk, node: ASTNode, depth: number): string {
  walk.nodes += 1;
  const nested = (child: ASTNode): string => print(walk, child, depth);
  switch (node.op) {
    case 'value':
      return literal(node, node.args);
    case 'id':
      return identifier(node, node.args);
    case '.':
    case '.?':
      return `${operand(nested, node.args[0])}${node.op}${node.args[1]}`;
    case '[]':
      return `${operand(nested, node.args[0])}[${nested(node.args[1])}]`;
    case '[?]':
      return `${operand(nested, node.args[0])}[?${nested(node.args[1])}]`;
    case '!_':
    case '-_':
      return `${node.op.charAt(0)}(${nested(node.args)})`;
    case '?:':
      return `((${nested(node.args[0])}) ? (${nested(node.args[1])}) : (${nested(node.args[2])}))`;
    case 'list':
      return `[${node.args.map(nested).join(', ')}]`;
    case 'map':
      refuseDoubleKeys(node.args);
      return `{${node.args.map(([key, value]) => `${nested(key)}: ${nested(value)}`).join(', ')}}`;
    case 'call':
      return call(walk, node, node.args, depth);
    case 'rcall':
      return method(walk, node, node.args, depth);
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '+':
    case 'in':
      return binary(node.op, node.args, depth > 0, nested);
    case '-':
    case '*':
    case '/':
    case '%':
    case '&&':
    case '||':
      return binary(node.op, node.args, false, nested);
  }
}

/** CEL fails at a key that is given twice, and the engine would take the last; it is told before the first record. */
function refuseDoubleKeys(entries: readonly (readonly [ASTNode, ASTNode])[]): void {
  const seen = new Set<unknown>();
  for (const [key] of entries) {
    if (key.op !== 'value') continue;
    if (seen.has(key.args))
      throw problem(key, 'duplicate_key', `The key ${String(key.args)} is given twice.`);
    seen.add(key.args);
  }
}

/** Inside a loop an operator that costs as much as its operands are long has them counted. */
function binary(
  operator: string,
  [left, right]: readonly [ASTNode, ASTNode],
  sized: boolean,
  nested: (node: ASTNode) => string,
): string {
  const printed = [left, right].map((child) =>
    sized ? counted(child, nested(child), 1) : `(${nested(child)})`,
  );
  return `(${printed.join(` ${operator} `)})`;
}

/** What a `.` or `[` may follow: parentheses keep a negation or a sum together. */
function operand(nested: (node: ASTNode) => string, node: ASTNode): string {
  const text = nested(node);
  return node.op === '!_' || node.op === '-_' || node.op === 'value' ? `(${text})` : text;
}

function literal(node: ASTNode, value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint' || typeof value === 'boolean' || value === null)
    return String(value);
  if (typeof value === 'number') {
    const text = String(value);
    return /^\d+$/.test(text) ? `${text}.0` : text;
  }
  throw refused(node, 'bytes', 'Only text, numbers, true, false and null may be written out.');
}

function identifier(node: ASTNode, name: string): string {
  if (name === COUNTER) throw refused(node, name);
  return name;
}

function call(
  walk: Walk,
  node: ASTNode,
  [name, args]: readonly [string, readonly ASTNode[]],
  depth: number,
): string {
  if (Object.hasOwn(REFUSED, name)) throw refused(node, name);
  if (name === 'lookup') walk.lookups.add(tableOf(node, args));
  const printed = args.map((argument) => {
    const text = print(walk, argument, depth);
    return ENGINE_FUNCTIONS.has(name) ? counted(argument, text, 1) : text;
  });
  return `${name}(${printed.join(', ')})`;
}

function method(
  walk: Walk,
  node: ASTNode,
  [name, receiver, args]: readonly [string, ASTNode, readonly ASTNode[]],
  depth: number,
): string {
  if (Object.hasOwn(REFUSED, name)) throw refused(node, name);
  const subject = operand((child) => print(walk, child, depth), receiver);
  if (!LOOPS.has(name)) {
    const printed = args.map((argument) => print(walk, argument, depth)).join(', ');
    if (UNCOUNTED_METHODS.has(name)) return `${subject}.${name}(${printed})`;
    const zoned = name.startsWith('get') && args.length > 0;
    return `${counted(receiver, subject, zoned ? ZONED_GETTER_STEPS : 1)}.${name}(${printed})`;
  }
  if (depth >= MAX_LOOP_NESTING) {
    throw problem(node, 'loop_too_deep', `Loops may be nested ${MAX_LOOP_NESTING} deep.`);
  }
  const before = walk.nodes;
  const printed = args.map((argument) => print(walk, argument, depth + 1)).join(', ');
  return `${COUNTER}(${subject}, ${walk.nodes - before}, true).${name}(${printed})`;
}

/** Literals cost what their length in the text says, so they are left as they are. */
function counted(node: ASTNode, text: string, steps: number): string {
  return node.op === 'value' ? `(${text})` : `${COUNTER}(${text}, ${steps}, false)`;
}

function tableOf(node: ASTNode, args: readonly ASTNode[]): string {
  const table = args[0];
  if (table?.op === 'value' && typeof table.args === 'string') return table.args;
  throw problem(
    node,
    'lookup_table',
    'The table of a lookup is a fixed text: lookup("skus", src.Code).',
  );
}

function refused(node: ASTNode, name: string, message = REFUSED[name] ?? ''): ValidationError {
  return problem(node, 'function_refused', message);
}

function problem(node: ASTNode, code: string, message: string): ValidationError {
  return new ValidationError(message, { details: { code, at: node.range.start } });
}
