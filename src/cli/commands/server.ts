import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { stopHomeServer } from '../home/stop-home-server.ts';
import { verb } from '../nouns.ts';

/** `up`, `down`, `serve`, `worker`: the processes of an installation. */
export function register(program: Command, cli: Cli): void {
  const up = verb(program, 'up', 'Start the server of the home and leave it running', 'trueup up');
  up.action(async () => {
    const api = await cli.api(up);
    cli
      .output(up)
      .show({ url: api.url }, () => `Trueup runs at ${api.url}. Stop it with: trueup down`);
  });
  const down = verb(
    program,
    'down',
    'Stop the server of the home and its embedded store',
    'trueup down',
  );
  down.action(async () => {
    const stopped = await stopHomeServer(cli.config.home);
    cli
      .output(down)
      .show({ stopped }, () =>
        stopped.length === 0 ? 'Nothing was running.' : `Stopped: ${stopped.join(', ')}.`,
      );
  });
  serve(program, cli);
  worker(program, cli);
}

function serve(program: Command, cli: Cli): void {
  const command = verb(
    program,
    'serve',
    'Serve the API in the foreground; with TRUEUP_ROLE=all do the work as well',
    'TRUEUP_ROLE=api trueup serve',
  ).option('--address-file <file>', 'write the address here once the API listens');
  command.action(async () => {
    const { runApi } = await roles();
    await runApi(cli.config, addressFileOf(command));
  });
}

function worker(program: Command, cli: Cli): void {
  const command = verb(
    program,
    'worker',
    'Do the work in the foreground',
    'TRUEUP_ROLE=worker trueup worker',
  ).option('--address-file <file>', 'write here where it serves /healthz, /readyz and /metrics');
  command.action(async () => {
    const { runWorker } = await roles();
    await runWorker(cli.config, addressFileOf(command));
  });
}

/** What a server needs is loaded for a server alone: every other command starts in half the time without it. */
const roles = () => import('../home/run-role.ts');

const addressFileOf = (command: Command): string | undefined =>
  command.opts<{ addressFile?: string }>().addressFile;
