import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';
import { readText } from '../read-text.ts';
import { differencesText, type Difference } from './shapes.ts';

/** `mappings export` and `import`: what is in effect here, and what comes from elsewhere. */
export function registerTransfer(parent: Command, cli: Cli): void {
  registerExport(parent, cli);
  registerImport(parent, cli);
}

function registerExport(parent: Command, cli: Cli): void {
  interface Exported {
    readonly mappings: readonly { readonly id: string; readonly version: number }[];
    readonly text: string;
  }
  const command = verb(
    parent,
    'export [ids...]',
    'Print your own mappings in effect, or those named, as one YAML text',
    'trueup mappings export > mappings.yaml',
  )
    .option('--shipped', 'also shipped mappings that nobody changed')
    .option('--out <file>', 'write a file instead');
  command.action(async (ids: readonly string[]) => {
    const { shipped, out } = command.opts<{ shipped?: boolean; out?: string }>();
    const exported = await (
      await cli.api(command)
    ).get<Exported>('/mappings:export', {
      shipped: shipped ?? false,
      ...(ids.length === 0 ? {} : { ids: ids.join(',') }),
    });
    if (out !== undefined) await writeFile(out, exported.text);
    const said = `${exported.mappings.length} mappings are in ${out ?? ''}.`;
    cli.output(command).show(exported, () => (out === undefined ? exported.text.trimEnd() : said));
  });
}

interface Imported {
  readonly dryRun: boolean;
  readonly mappings: readonly {
    readonly index: number;
    readonly id: string | null;
    readonly state: string;
    readonly differences: readonly Difference[];
    readonly missingConnections: readonly string[];
    readonly problems: readonly { readonly pointer: string; readonly message: string }[];
  }[];
  readonly drafts: readonly string[];
}

function registerImport(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'import <file>',
    'Make drafts of mappings from elsewhere, all or none, or show what they differ in',
    'trueup mappings import mappings.yaml --dry-run',
  ).option('--dry-run', 'only show what differs');
  command.action(async (file: string) => {
    const { dryRun } = command.opts<{ dryRun?: boolean }>();
    const body = { text: await readText(file), dryRun: dryRun ?? false };
    const imported = await (await cli.api(command)).post<Imported>('/mappings:import', body);
    cli.output(command).show(imported, () => importText(imported));
  });
}

function importText({ dryRun, mappings, drafts }: Imported): string {
  const lines = mappings.flatMap((each) => [
    `${each.id ?? `document ${each.index + 1}`}: ${each.state}`,
    ...each.problems.map(({ pointer, message }) => `  ${pointer || '/'}: ${message}`),
    ...(each.state === 'changed' ? [differencesText(each.differences)] : []),
    ...each.missingConnections.map((name) => `  There is no connection "${name}" here.`),
  ]);
  const last = dryRun
    ? 'Nothing was changed.'
    : `${drafts.length} drafts were made${drafts.length === 0 ? '' : `: ${drafts.join(', ')}`}.`;
  return [...lines, last].join('\n');
}
