import { readFile } from 'node:fs/promises';
import { environmentValue } from '../config/environment-value.ts';
import type { Json } from '../kernel/hash.ts';
import { UsageError } from './usage-error.ts';

const ASSIGNMENT = /^([A-Za-z][A-Za-z0-9_]*)=(.*)$/s;

function split(text: string, flag: string): readonly [string, string] {
  const match = ASSIGNMENT.exec(text);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new UsageError(`${flag} takes key=value, not "${text}".`);
  return [match[1], match[2]];
}

/** `--set key=value` as settings: true, false and JSON lists and objects become what they look like; the rest is text. */
export function settingsOf(assignments: readonly string[]): Record<string, Json> {
  return Object.fromEntries(
    assignments.map((text) => split(text, '--set')).map(([key, value]) => [key, valueOf(value)]),
  );
}

function valueOf(text: string): Json {
  if (!/^(true|false|[[{].*[\]}])$/s.test(text)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/**
 * `--secret key=@file` or `key=env:NAME`. A secret on the command line itself would be in the shell's history and in
 * every process list, so it is refused.
 */
export async function secretsOf(assignments: readonly string[]): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const text of assignments) {
    const at = text.indexOf('=');
    const key = at === -1 ? text : text.slice(0, at);
    const source = text.slice(at + 1);
    if (at < 1 || !(source.startsWith('@') || source.startsWith('env:'))) {
      throw new UsageError(
        `--secret ${key} takes its value from a file or a variable: ${key}=@FILE or ${key}=env:NAME.`,
      );
    }
    secrets[key] = source.startsWith('@')
      ? await fromFile(key, source.slice(1))
      : fromVariable(key, source.slice('env:'.length));
  }
  return secrets;
}

async function fromFile(key: string, path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch {
    throw new UsageError(`--secret ${key}: the file ${path} cannot be read.`);
  }
}

function fromVariable(key: string, name: string): string {
  const value = environmentValue(name);
  if (value === undefined)
    throw new UsageError(`--secret ${key}: the variable ${name} is not set.`);
  return value;
}
