import type { Command } from 'commander';
import { version } from '../../app/version.ts';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';

/** `version`: of this program. */
export function register(program: Command, cli: Cli): void {
  const command = verb(program, 'version', 'Print the version', 'trueup version');
  command.action(() => {
    const own = version();
    cli.output(command).show({ version: own }, () => own);
  });
}
