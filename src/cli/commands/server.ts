import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { createProcessLogger } from '../../app/process-logger.ts';
import { startApi } from '../../app/start-api.ts';
import { startWorker } from '../../app/start-worker.ts';
import type { Cli } from '../cli.ts';
import { readAdminKey, writeAdminKey } from '../home/admin-key.ts';
import { stopHomeServer } from '../home/stop-home-server.ts';
import { verb } from '../nouns.ts';
import { untilStopped } from '../until-stopped.ts';

const GRACE_MS = 25_000;

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
    const { config } = cli;
    const logger = createProcessLogger(config);
    const known = await readAdminKey(config.home, config.tenantId);
    const { addressFile } = command.opts<{ addressFile?: string }>();
    const isHome = addressFile !== undefined;
    const api = await startApi(config, { logger, freshKey: isHome && known === null });
    if (api.firstAdmin !== null)
      await writeAdminKey(config.home, config.tenantId, api.firstAdmin.text);
    const alongside =
      config.role === 'all'
        ? await startWorker(config, { logger, metrics: api.metrics, pacing: api.pacing })
        : null;
    if (addressFile !== undefined) await writeFile(addressFile, api.url, { mode: 0o600 });
    logger.info('The API is ready', { url: api.url });
    await untilStopped();
    await Promise.all([api.stop(GRACE_MS), alongside?.stop(GRACE_MS)]);
    await logger.end();
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
    const logger = createProcessLogger(cli.config);
    const running = await startWorker(cli.config, { logger });
    const { addressFile } = command.opts<{ addressFile?: string }>();
    if (addressFile !== undefined && running.url !== null)
      await writeFile(addressFile, running.url, { mode: 0o600 });
    await untilStopped();
    await running.stop(GRACE_MS);
    await logger.end();
  });
}
