import { readFileSync } from 'node:fs';
import { Environment } from './environment.ts';

export type Variable = keyof Environment;

/** The variables whose value is secret, or holds a secret; each also comes as `NAME_FILE`. */
export const SECRETS: ReadonlySet<string> = new Set<Variable>([
  'DATABASE_URL',
  'REDIS_URL',
  'TRUEUP_KEY',
]);

export const VARIABLES = Object.keys(Environment.shape);

/** Where a value came from; `unset` leaves the default, if there is one. */
export type Source = 'environment' | 'file' | 'unset';

export interface RawValue {
  readonly source: Source;
  readonly value: string | undefined;
  /** Why it could not be had. */
  readonly problem?: string;
}

/** What a process was started with: `process.env`, or a test's own. */
export type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

/** The text of one variable, before it is parsed. An empty one counts as unset, as Docker Compose passes it. */
export function rawValue(env: ProcessEnvironment, name: string): RawValue {
  const value = nonEmpty(env[name]);
  const file = SECRETS.has(name) ? nonEmpty(env[`${name}_FILE`]) : undefined;
  if (file === undefined) return { value, source: value === undefined ? 'unset' : 'environment' };
  if (value !== undefined) {
    return { value, source: 'environment', problem: `is given twice, also as ${name}_FILE` };
  }
  try {
    const text = nonEmpty(readFileSync(file, 'utf8').trim());
    if (text !== undefined) return { value: text, source: 'file' };
    return { value: undefined, source: 'file', problem: `names an empty file in ${name}_FILE` };
  } catch {
    return { value: undefined, source: 'file', problem: `cannot be read from ${name}_FILE` };
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
