import { Command, CommanderError } from 'commander';
import { version } from '../app/version.ts';
import { readEnvironment } from '../config/read-environment.ts';
import { HubError, messageOf } from '../kernel/errors.ts';
import { createCli } from './cli.ts';
import { EXIT, exitOf } from './exit-code.ts';
import { loadCommands } from './load-commands.ts';

/** Runs the command line and gives its exit code. No stack trace reaches the user. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const program = await build();
    await program.parseAsync([...argv]);
    return process.exitCode === undefined ? EXIT.ok : Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(`${tell(error)}\n`);
    return exitOf(error);
  }
}

async function build(): Promise<Command> {
  const program = new Command('trueup')
    .description('Squares software licences between CRM, ERP, people directories and telemetry.')
    .option('--json', 'print one JSON document instead of text')
    .option('--url <url>', 'the server to talk to, instead of the one of TRUEUP_HOME')
    .option('--token-file <file>', 'a file with the API key')
    .option('--tenant <id>', 'the company (TRUEUP_TENANT)')
    .version(version(), '--version', 'print the version')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError(true)
    .exitOverride();
  const cli = createCli(readEnvironment());
  for (const register of await loadCommands()) register(program, cli);
  for (const command of descendants(program)) command.exitOverride().showSuggestionAfterError(true);
  return program;
}

function descendants(command: Command): readonly Command[] {
  return command.commands.flatMap((each) => [each, ...descendants(each)]);
}

function tell(error: unknown): string {
  if (error instanceof HubError) return `trueup: ${error.message}`;
  return `trueup: something went wrong that should not: ${messageOf(error)}. Please report it.`;
}

// `trueup … | head` closes our output early: that is no failure worth a word.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
}
process.exitCode = await main(process.argv);
