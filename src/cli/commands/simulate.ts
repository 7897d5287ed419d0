import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { noun } from '../nouns.ts';
import { registerDrift } from '../simulate/drift.ts';

/** `simulate`: rehearsals on made-up companies, of which nothing is kept. */
export function register(program: Command, cli: Cli): void {
  const simulate = noun(
    program,
    'simulate',
    'Rehearse on made-up companies; nothing of it is kept',
    'trueup simulate drift --seed 1',
  );
  registerDrift(simulate, cli);
}
