import { flushCompileCache } from 'node:module';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { readFaultPlan } from '../fault-plan-file.ts';
import { verb, wholeNumber } from '../nouns.ts';
import { untilStopped } from '../until-stopped.ts';

/** `twin`: a faithful stand-in for a vendor, holding the sample company, to rehearse on. */
export function register(program: Command, cli: Cli): void {
  const command = verb(
    program,
    'twin <system>',
    'Run a twin of a system with the sample company in it',
    'trueup twin salesforce --seed 1',
  )
    .option('--seed <n>', 'the sample company’s seed', '1')
    .option('--port <n>', 'the port; any free one when left out', '0')
    .option('--faults <file>', 'a JSON file with the faults that it starts with');
  command.action(async (system: string) => {
    const options = command.opts<{ seed: string; port: string; faults?: string }>();
    const [{ runTwin }, { installedPlugIns }] = await Promise.all([
      import('../../app/flows/run-twin.ts'),
      import('../../app/installed-plug-ins.ts'),
    ]);
    const twin = await runTwin(await installedPlugIns(cli.config), {
      system,
      seed: wholeNumber(options.seed, '--seed'),
      port: wholeNumber(options.port, '--port'),
      faults: options.faults === undefined ? undefined : await readFaultPlan(options.faults),
    });
    const { url, control, credentials } = twin;
    // A twin lives long, and who waits for it starts processes that load the same files.
    flushCompileCache();
    process.stdout.write(`${JSON.stringify({ system, url, control, credentials })}\n`);
    await untilStopped();
    await twin.stop();
  });
}
