import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';
import { tableText } from '../output.ts';

interface Trace {
  readonly id: string;
  readonly hops: readonly {
    readonly kind: string;
    readonly system: string;
    readonly object: string;
    readonly id: string;
    readonly summary: string;
    readonly mapping: { readonly id: string; readonly version: number } | null;
    readonly rules: Readonly<Record<string, number>> | null;
  }[];
}

/** `trace`: the way of one record through every system. */
export function register(program: Command, cli: Cli): void {
  const command = verb(
    program,
    'trace <id>',
    'Follow a record of any system through all of them',
    'trueup trace 006…',
  );
  command.action(async (id: string) => {
    const trace = await (await cli.api(command)).get<Trace>('/trace', { id });
    cli.output(command).show(trace, () =>
      tableText(trace.hops, [
        { title: 'HOP', value: (hop) => hop.kind },
        { title: 'SYSTEM', value: (hop) => hop.system },
        { title: 'OBJECT', value: (hop) => hop.object },
        { title: 'ID', value: (hop) => hop.id },
        { title: 'WHAT', value: (hop) => hop.summary },
        { title: 'BY', value: (hop) => byOf(hop) },
      ]),
    );
  });
}

function byOf(hop: Trace['hops'][number]): string | null {
  if (hop.mapping !== null) return `${hop.mapping.id}@${hop.mapping.version}`;
  return hop.rules === null
    ? null
    : Object.entries(hop.rules)
        .map(([rule, version]) => `${rule}@${version}`)
        .join(', ');
}
