import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun } from '../nouns.ts';

interface Device {
  readonly key: string;
  readonly name: string;
  readonly sources: readonly { readonly connection: string; readonly externalRef: string; readonly method: string }[];
  readonly unresolved: readonly { readonly reason: string }[];
} // prettier-ignore

/** `devices`: machines, and which records of several sources are one. */
export function register(program: Command, cli: Cli): void {
  const devices = noun(
    program,
    'devices',
    'Machines, and which records of several sources are one',
    'trueup devices list --json',
  );
  listVerb<Device>(cli, devices, {
    path: '/devices',
    description: 'List machines with their sources',
    example: 'trueup devices list',
    empty: 'No machines. Add an inventory: trueup connections add snipe-it, or the file streams devices and hosts.', // prettier-ignore
    filters: [],
    columns: [
      { title: 'MACHINE', value: (row) => row.key },
      { title: 'NAME', value: (row) => row.name },
      {
        title: 'SOURCES',
        value: (row) => row.sources.map((each) => `${each.connection}/${each.externalRef} (${each.method})`).join(', '), // prettier-ignore
      },
      { title: 'OPEN', value: (row) => row.unresolved.map(({ reason }) => reason).join(', ') },
    ],
  });
}
