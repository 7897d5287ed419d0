import { Environment } from './environment.ts';
import {
  SECRETS,
  VARIABLES,
  rawValue,
  type ProcessEnvironment,
  type Source,
} from './raw-environment.ts';

/** One line of `trueup config show`. */
export interface DescribedVariable {
  readonly name: string;
  /** `default`: not set, and the default holds. `unknown`: set, but no variable of ours; a typing error perhaps. */
  readonly source: Source | 'default' | 'unknown';
  /** Secrets are masked; null when there is no value. */
  readonly value: string | null;
  /** Why it is refused; null when it is fine. */
  readonly problem: string | null;
}

const MASK = '***';
const OURS = /^TRUEUP_/;
const OF_TESTS = /^TRUEUP_TEST_/;

/** Every variable with its source and its masked value, and those that look like ours but are none. */
export function describeEnvironment(
  env: ProcessEnvironment = process.env,
): readonly DescribedVariable[] {
  const known = new Set(
    VARIABLES.flatMap((name) => (SECRETS.has(name) ? [name, `${name}_FILE`] : [name])),
  );
  const unknown = Object.keys(env).filter(
    (name) => OURS.test(name) && !OF_TESTS.test(name) && !known.has(name),
  );
  return [
    ...Object.entries(Environment.shape).map(([name, schema]) => {
      const raw = rawValue(env, name);
      const parsed = schema.safeParse(raw.value);
      const value = raw.value ?? (parsed.success ? parsed.data : undefined);
      const problem = raw.problem ?? parsed.error?.issues[0]?.message ?? null;
      return {
        name,
        source: raw.source === 'unset' && value !== undefined ? 'default' : raw.source,
        value: value === undefined ? null : masked(name, String(value)),
        problem,
      } as const;
    }),
    ...unknown.toSorted().map((name) => {
      const problem = 'is not a variable of Trueup';
      return { name, source: 'unknown', value: MASK, problem } as const;
    }),
  ];
}

/** A URL keeps what tells servers apart: scheme, host, port and path. */
function masked(name: string, value: string): string {
  if (!SECRETS.has(name)) return value;
  if (!URL.canParse(value)) return MASK;
  const { protocol, host, pathname, username, password } = new URL(value);
  const login = username === '' && password === '' ? '' : `${MASK}@`;
  return `${protocol}//${login}${host}${pathname}`;
}
