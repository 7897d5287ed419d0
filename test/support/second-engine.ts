import {
  celEnv,
  celFunc,
  celMethod,
  CelScalar,
  isCelError,
  isCelList,
  isCelMap,
  isCelUint,
  listType,
  mapType,
  parse,
  plan,
  type CelFunc,
  type CelType,
} from '@bufbuild/cel';
import { Optional } from '@marcbachmann/cel-js';
import * as z from 'zod';
import { FUNCTION_LIBRARY } from '../../src/mapping/expressions/function-library.ts';
import type { Json } from '../../src/kernel/hash.ts';

/** What the other engine made of an expression: a value as our mappings would have it, or that it failed. */
export type Opinion = { readonly value: Json } | { readonly failed: string };

/**
 * Evaluates an expression with the other CEL engine. It shares with ours the functions of the library, which are
 * handed to it, and nothing else: its parser, its operators, its macros and its evaluation are its own. It knows no
 * optional syntax, so `a.?b` is written as a call before it reads the text.
 */
export function secondOpinion(text: string, scope: Readonly<Record<string, Json>>): Opinion {
  try {
    const run = plan(ENVIRONMENT, parse(withoutOptionals(text)));
    const result: unknown = run(scope as Parameters<typeof run>[0]);
    return isCelError(result) ? { failed: result.message } : { value: toJson(result) };
  } catch (error) {
    return { failed: String(error) };
  }
}

const { DYN, DOUBLE, INT, STRING, BOOL } = CelScalar;

const TYPES: Readonly<Record<string, CelType>> = {
  dyn: DYN,
  int: INT,
  string: STRING,
  bool: BOOL,
  list: listType(DYN),
  map: mapType(DYN, DYN),
};

/** An optional, as a value that the engine can carry: a map that no JSON record is. */
const PRESENT = '\u0000optional';
const none = new Map<string, never>([[PRESENT, [] as never]]);

function some(value: unknown): unknown {
  return new Map([[PRESENT, [value]]]);
}

/** The held value, undefined where there is none, or the value itself where it is no optional. */
function held(value: unknown): unknown {
  return isOptional(value) ? [...(value.get(PRESENT) as Iterable<unknown>)][0] : value;
}

function isOptional(value: unknown): value is ReadonlyMap<string, unknown> {
  return isCelMap(value) && value.has(PRESENT);
}

function libraryFunctions(): readonly CelFunc[] {
  return FUNCTION_LIBRARY.filter(({ signature }) => !signature.startsWith('__')).map(
    ({ signature, handler }) => {
      const [, name = '', args = ''] = /^(\w+)\((.*?)\)/.exec(signature) ?? [];
      const types = args
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== '')
        .map((each) => TYPES[each.replace(/<.*>/, '')] ?? DYN);
      const call = handler as (...values: unknown[]) => unknown;
      return celFunc(name, types, DYN, (...values: unknown[]) => given(call(...values.map(plain))));
    },
  );
}

type Operate = (left: number, right: number) => number;

/** JSON numbers beside whole literals: CEL has no such operators, and both engines are given them. */
const MIXED: readonly (readonly [string, Operate])[] = [
  ['_*_', (left, right) => left * right],
  ['_+_', (left, right) => left + right],
  ['_-_', (left, right) => left - right],
  ['_/_', (left, right) => left / right],
];

function mixedOperators(): readonly CelFunc[] {
  return MIXED.flatMap(([name, operate]) => [
    celFunc(name, [DOUBLE, INT], DOUBLE, (left, right) => operate(left, Number(right))),
    celFunc(name, [INT, DOUBLE], DOUBLE, (left, right) => operate(Number(left), right)),
  ]);
}

function optionalMethods(): readonly CelFunc[] {
  return [
    celMethod('optSelect', DYN, [DYN], DYN, function (this: unknown, key: unknown) {
      return select(held(this), key) as never;
    } as never),
    celMethod('orValue', DYN, [DYN], DYN, function (this: unknown, otherwise: unknown) {
      const value = held(this);
      return (value === undefined ? otherwise : value) as never;
    } as never),
    celMethod('hasValue', DYN, [], BOOL, function (this: unknown) {
      return held(this) !== undefined;
    } as never),
    celMethod('value', DYN, [], DYN, function (this: unknown) {
      const value = held(this);
      if (value === undefined) throw new Error('no value');
      return value as never;
    } as never),
    celMethod('or', DYN, [DYN], DYN, function (this: unknown, other: unknown) {
      return (held(this) === undefined ? other : this) as never;
    } as never),
    celFunc('optNone', [], DYN, () => none as never),
    celFunc('optOf', [DYN], DYN, (value: unknown) => some(value) as never),
  ];
}

function select(holder: unknown, key: unknown): unknown {
  // Its maps of plain objects say of a key whose value is null that they have none.
  if (isCelMap(holder)) {
    const value = holder.get(key as string);
    return value === undefined ? none : some(value);
  }
  if (!isCelList(holder)) return none;
  const value = holder.get(Number(key));
  return value === undefined ? none : some(value);
}

const ENVIRONMENT = celEnv({
  funcs: [...libraryFunctions(), ...mixedOperators(), ...optionalMethods()],
});

/** `a.?b` becomes `a.optSelect("b")`, and what follows in the same chain looks into the optional too. */
function withoutOptionals(text: string): string {
  const tokens = text.match(TOKEN) ?? [];
  const closes: string[] = [];
  let chained = false;
  let out = '';
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? '';
    const name = tokens[at + 1] ?? '';
    const isCall = tokens[at + 2] === '(';
    if (token === '.?' || (token === '.' && chained && !isCall)) {
      out += `.optSelect("${name}")`;
      chained = true;
      at += 1;
    } else if (token === '[?' || (token === '[' && chained)) {
      out += '.optSelect(';
      closes.push('?)');
    } else {
      if (token === '[' || token === '(') closes.push(token);
      const close = token === ']' || token === ')' ? closes.pop() : undefined;
      out += close === '?)' ? ')' : token;
      chained = close === '?)' || (chained && token === '.');
    }
  }
  return out.replace(/\boptional\.none\(/g, 'optNone(').replace(/\boptional\.of\(/g, 'optOf(');
}

const TOKEN =
  /r?"(?:[^"\\]|\\.)*"|r?'(?:[^'\\]|\\.)*'|\.\?|\[\?|[A-Za-z_]\w*|\d+\.\d+(?:[eE][+-]?\d+)?|\d\w*|\s+|[^]/g;

/** What the library's functions are written for: JSON, whole numbers as bigint, and our engine's optionals. */
function plain(value: unknown): unknown {
  if (isOptional(value)) {
    const inner = held(value);
    return inner === undefined ? Optional.none() : Optional.of(plain(inner));
  }
  if (isCelList(value)) return [...value].map(plain);
  if (isCelMap(value))
    return Object.fromEntries([...value].map(([key, each]) => [keyText(key), plain(each)]));
  return value;
}

/** Keys of maps are texts, whole numbers and booleans. */
function keyText(key: unknown): string {
  return typeof key === 'string' ? key : JSON.stringify(toJson(key));
}

/** A result of the library as a value of the engine. */
function given(value: unknown): never {
  return (value === undefined ? null : value) as never;
}

function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return whole(value);
  if (typeof value === 'number') return finite(value);
  if (isOptional(value)) return toJson(held(value) ?? null);
  if (isCelUint(value)) return whole(value.value);
  if (isCelList(value)) return [...value].map(toJson);
  if (isCelMap(value))
    return Object.fromEntries([...value].map(([key, each]) => [keyText(key), toJson(each)]));
  const instant = instantOf(value);
  if (instant !== null) return instant;
  throw new Error('The result is no value of a mapping.');
}

/** Its timestamps are protobuf messages behind a view. */
const Instant = z.object({
  message: z.object({
    $typeName: z.literal('google.protobuf.Timestamp'),
    seconds: z.bigint(),
    nanos: z.number(),
  }),
});

function instantOf(value: unknown): string | null {
  const { data } = Instant.safeParse(value);
  if (data === undefined) return null;
  const { seconds, nanos } = data.message;
  return new Date(Number(seconds) * 1000 + nanos / 1_000_000).toISOString();
}

function whole(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value === 0 ? 0 : value;
  throw new Error('The result is not finite.');
}
