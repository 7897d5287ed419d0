import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { noun, verb } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';

const KINDS = [
  ['settings', 'What the company decides about deals and renewals', '/settings'],
  ['retention', 'How long what is no longer needed is kept, in days', '/retention'],
  [
    'people-limits',
    'How many accounts or records may disappear before a person has to confirm',
    '/people-limits',
  ],
  ['write-limits', 'How much a run may change in other systems without a person', '/write-limits'],
  [
    'seat-limits',
    'How many seats may be taken from people without another person’s word',
    '/seat-limits',
  ],
  ['pool-limits', 'What a request for a seat meets at the limits of its pool', '/pool-limits'],
  ['detection-policy', 'From when on something is a finding', '/detection-policy'],
  ['cycle-policy', 'Who signs reconciliation cycles, and when data are stale', '/cycle-policy'],
] as const;

/** `settings`, `retention`, `detection-policy` and the limits: what a company decides, as one document each. */
export function register(program: Command, cli: Cli): void {
  for (const [name, description, path] of KINDS) {
    const parent = noun(program, name, description, `trueup ${name} show`);
    const show = verb(parent, 'show', 'Show them', `trueup ${name} show`);
    show.action(async () => {
      const settings = await (await cli.api(show)).get<object>(path);
      cli.output(show).show(settings, () => JSON.stringify(settings, null, 2));
    });
    const set = verb(
      parent,
      'set <file>',
      'Replace them with the JSON document of a file',
      `trueup ${name} set ${name}.json`,
    );
    set.action(async (file: string) => {
      const settings = await (await cli.api(set)).put<object>(path, await documentOf(file));
      cli.output(set).show(settings, () => JSON.stringify(settings, null, 2));
    });
  }
}

async function documentOf(file: string): Promise<object> {
  try {
    const document: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof document === 'object' && document !== null) return document;
  } catch {
    // told below, in one sentence for a missing and a malformed file
  }
  throw new UsageError(`${file} is not a file with one JSON document.`);
}
