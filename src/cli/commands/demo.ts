import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ValidationError } from '../../kernel/errors.ts';
import { createApiClient, type ApiClient } from '../api-client.ts';
import type { Cli } from '../cli.ts';
import {
  approveOrder,
  closeDeal,
  connect,
  readAll,
  renew,
  reopen,
  startRights,
} from '../demo/acts.ts';
import { freshDemoHome, writeFiles } from '../demo/demo-home.ts';
import { conclude, reconcileAndScore } from '../demo/finale.ts';
import type { Stage } from '../demo/stage.ts';
import { createStory, type Story } from '../demo/story.ts';
import { startTwinProcess, type TwinProcess } from '../demo/twin-processes.ts';
import { ensureHomeServer } from '../home/ensure-home-server.ts';
import { stopHomeServer } from '../home/stop-home-server.ts';
import { verb, wholeNumber } from '../nouns.ts';
import { untilStopped } from '../until-stopped.ts';

const LAUNCHER = resolve(import.meta.dirname, '../../../trueup');
/** So that the first deal needs no person and the second, in another currency, does. */
const POLICY = { approval: { autoApproveUpTo: [{ amount: '1000000.00', currency: 'USD' }] } };

/** `demo`: the whole loop on the sample company, told as it happens. */
export function register(program: Command, cli: Cli): void {
  const command = verb(
    program,
    'demo',
    'Watch a won deal become an order, rights, a renewal and a position',
    'trueup demo --once --seed 2',
  )
    .option('--once', 'end after the loop; exit 0 only if it closed')
    .option('--seed <n>', 'the sample company’s seed', '1');
  command.action(async () => {
    const { once, seed } = command.opts<{ once?: boolean; seed: string }>();
    if (cli.config.databaseUrl !== undefined || cli.config.url !== undefined) {
      throw new ValidationError(
        'The demo runs on a home of its own: unset DATABASE_URL and TRUEUP_URL.',
      );
    }
    await play(cli, { once: once === true, seed: wholeNumber(seed, '--seed') });
  });
}

async function play(
  cli: Cli,
  options: { readonly once: boolean; readonly seed: number },
): Promise<void> {
  const { home, tenantId } = cli.config;
  const story = createStory(process.stderr);
  const { sampleStory } = await import('../../app/flows/sample-story.ts');
  const sample = sampleStory(options.seed);
  const twins: TwinProcess[] = [];
  const end = async (): Promise<void> => {
    for (const twin of twins) twin.stop();
    await stopHomeServer(home);
  };
  const interrupted = (): void => void end().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  try {
    story.heading(`Trueup: the sample company, seed ${options.seed}, on ${sample.today}`);
    const folder = await freshDemoHome(home, sample.today);
    await writeFiles(join(folder, 'files'), sample.files);
    const [salesforce, netsuite, scim] = await story.step(
      'Started the twins of Salesforce, NetSuite and a SCIM directory',
      () => startTwins(options.seed, twins),
    );
    const server = await story.step(
      'Started the store, the API and the worker',
      () => ensureHomeServer(cli.config, { tenantId, tell: () => undefined }),
      ({ url }) => url,
    );
    const api = createApiClient(server);
    await api.put('/settings', POLICY);
    const approver = await addApprover(api);
    await loop(
      {
        api,
        approver,
        story,
        sample,
        twins: { salesforce, netsuite, scim },
        filesFolder: join(folder, 'files'),
      },
      join(folder, 'summary.json'),
    );
    farewell(story, server, twins, sample.today);
    process.off('SIGINT', interrupted);
    if (!options.once) await untilStopped();
  } finally {
    await end();
  }
}

/** Starts the three; each is in `twins` before a failure of another one is told, so that it can be stopped. */
async function startTwins(
  seed: number,
  twins: TwinProcess[],
): Promise<readonly [TwinProcess, TwinProcess, TwinProcess]> {
  const start = async (system: string): Promise<TwinProcess> => {
    const twin = await startTwinProcess(LAUNCHER, system, seed);
    twins.push(twin);
    return twin;
  };
  const starting = [start('salesforce'), start('netsuite'), start('scim')] as const;
  await Promise.allSettled(starting);
  return Promise.all(starting);
}

async function loop(stage: Stage, file: string): Promise<void> {
  const { story, sample } = stage;
  story.heading('Connect and read');
  await connect(stage);
  await readAll(stage);
  await startRights(stage);
  story.heading('A deal is won');
  const closed = await closeDeal(stage, sample.toClose, false);
  const activated = await approveOrder(stage, closed);
  story.heading('A deal is won, and reopened');
  const second = await closeDeal(stage, sample.toReopen, true);
  await reopen(stage, sample.toReopen, second);
  story.heading('Renewals');
  const renewals = await renew(stage);
  story.heading('Reconciliation');
  const result = await reconcileAndScore(stage);
  const summary = await conclude(stage, { closed, activated, renewals, result, file });
  story.heading(
    `The loop closed: deal to last effect read back in ${(summary.closedWon.elapsedMs / 1000).toFixed(1)} s. Summary: ${file}`,
  );
}

async function addApprover(api: ApiClient): Promise<ApiClient> {
  const person = await api.post<{ id: string }>('/users', {
    name: 'Ana Approver',
    roles: ['approver'],
  });
  const key = await api.post<{ text: string }>('/keys', { personId: person.id, label: 'demo' });
  return createApiClient({ url: api.url, key: key.text });
}

function farewell(
  story: Story,
  server: { readonly url: string; readonly key: string },
  twins: readonly TwinProcess[],
  today: string,
): void {
  story.note(`API   ${server.url}/api/v1   (OpenAPI: ${server.url}/openapi.json)`);
  story.note(`Key   ${server.key}`);
  story.note(`Page  ${server.url}/mappings   (sign in with the key)`);
  for (const twin of twins) story.note(`Twin  ${twin.system} ${twin.url}`);
  story.note(
    `Try   ./trueup recon show   ./trueup findings list   ./trueup renewals list   (the company lives on ${today})`,
  );
}
