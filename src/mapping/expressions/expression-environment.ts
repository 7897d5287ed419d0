import { Environment } from '@marcbachmann/cel-js';
import { FUNCTION_LIBRARY } from './function-library.ts';

/** Limits of what a person writes. */
const WRITTEN = {
  maxAstNodes: 400,
  maxDepth: 24,
  maxListElements: 200,
  maxMapEntries: 200,
  maxCallArguments: 8,
} as const;
/** Limits of what the guard makes of it: parentheses and counters everywhere. */
const GUARDED = {
  maxAstNodes: 10_000,
  maxDepth: 250,
  maxListElements: 200,
  maxMapEntries: 200,
  maxCallArguments: 8,
} as const;

/** The engine spells an `async` hint that its types do not list; without it every call checks for promises. */
const SYNCHRONOUS: { readonly async: boolean } = { async: false };

type Number2 = (left: bigint | number, right: bigint | number) => number;

/** JSON numbers are doubles, literals are ints; people expect `src.quantity * 12` to work. */
const MIXED: readonly (readonly [string, Number2])[] = [
  ['*', (left, right) => Number(left) * Number(right)],
  ['+', (left, right) => Number(left) + Number(right)],
  ['-', (left, right) => Number(left) - Number(right)],
  ['/', (left, right) => Number(left) / Number(right)],
];

function base(): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: GUARDED,
  });
  for (const [operator, handler] of MIXED) {
    registerOperator(environment, `double ${operator} int`, handler);
    registerOperator(environment, `int ${operator} double`, handler);
  }
  for (const { signature, handler } of FUNCTION_LIBRARY) {
    environment.registerFunction(
      signature,
      handler as (...args: unknown[]) => unknown,
      SYNCHRONOUS,
    );
  }
  return environment;
}

function registerOperator(environment: Environment, signature: string, handler: Number2): void {
  const register: (signature: string, handler: Number2, options: object) => unknown =
    environment.registerOperator.bind(environment);
  register(signature, handler, SYNCHRONOUS);
}

const BASE = base();

export interface Environments {
  /** For the text as written: narrow limits, positions that people see. */
  readonly written: Environment;
  /** For the guarded text, which is what runs. */
  readonly guarded: Environment;
}

const environments = new Map<string, Environments>();

/** The environments in which exactly these variables exist; everything else is an unknown name. */
export function environmentsFor(variables: readonly string[]): Environments {
  const key = variables.join(' ');
  const known = environments.get(key);
  if (known !== undefined) return known;
  const written = BASE.clone({ limits: WRITTEN });
  const guarded = BASE.clone();
  for (const variable of variables) {
    written.registerVariable(variable, 'dyn');
    guarded.registerVariable(variable, 'dyn');
  }
  const made = { written, guarded };
  environments.set(key, made);
  return made;
}
