import type { Command } from 'commander';
import { describeEnvironment } from '../../config/describe-environment.ts';
import type { Cli } from '../cli.ts';
import { noun, verb } from '../nouns.ts';

/** `config`, `openapi`, `version`: what this installation is. */
export function register(program: Command, cli: Cli): void {
  const config = noun(
    program,
    'config',
    'What is configured, and from where',
    'trueup config show',
  );
  const show = verb(config, 'show', 'Show every variable, secrets masked', 'trueup config show');
  show.action(() => {
    cli.output(show).table(
      describeEnvironment(),
      [
        { title: 'NAME', value: (row) => row.name },
        { title: 'VALUE', value: (row) => row.value },
        { title: 'FROM', value: (row) => row.source },
      ],
      '',
    );
  });
  const openapi = verb(
    program,
    'openapi',
    'Print the OpenAPI 3.1 description of the API',
    'trueup openapi > openapi.json',
  );
  openapi.action(
    async () =>
      void process.stdout.write(`${await (await cli.api(openapi)).text('/openapi.json')}\n`),
  );
}
