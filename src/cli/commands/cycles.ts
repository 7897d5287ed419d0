import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { registerLook } from '../cycles/look.ts';
import { scopeText, type Cycle } from '../cycles/shapes.ts';
import { registerTasks } from '../cycles/tasks.ts';
import { registerWork } from '../cycles/work.ts';
import { listVerb, noun } from '../nouns.ts';

/** `cycles`: reviews of positions that people sign off. */
export function register(program: Command, cli: Cli): void {
  const cycles = noun(
    program,
    'cycles',
    'Reviews of positions, computed, reviewed, mended and signed off once a period',
    'trueup cycles list --status in_review',
  );
  listVerb<Cycle>(cli, cycles, {
    path: '/reconciliation-cycles',
    description: 'List cycles, newest first',
    example: 'trueup cycles list',
    empty: 'There are no cycles. Open one with: trueup cycles open',
    filters: [
      {
        flags: '--status <status>',
        description: 'collecting, computed, in_review, signed_off or reopened',
        query: 'status',
      },
      { flags: '--series <id>', description: 'those that follow this one', query: 'series' },
    ],
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'NAME', value: (row) => row.name },
      { title: 'SCOPE', value: (row) => scopeText(row.scope) },
      { title: 'FROM', value: (row) => row.period.from },
      { title: 'ENDS BEFORE', value: (row) => row.period.to },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'ROUND', value: (row) => row.round },
    ],
  });
  registerLook(cycles, cli);
  registerWork(cycles, cli);
  registerTasks(cycles, cli);
}
