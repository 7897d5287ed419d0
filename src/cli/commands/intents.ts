import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, showVerb, verb } from '../nouns.ts';

interface Intent {
  readonly id: string;
  readonly connection: string;
  readonly object: string;
  readonly revision: number;
  readonly state: string;
  readonly readBack: boolean;
  readonly canonicalId: string;
  readonly error: { readonly message: string } | null;
}

/** `intents`: every write to another system, meant, sent and read back. */
export function register(program: Command, cli: Cli): void {
  const intents = noun(
    program,
    'intents',
    'Every write to another system: meant, sent, read back',
    'trueup intents list --state UNKNOWN',
  );
  listVerb<Intent>(cli, intents, {
    path: '/intents',
    description: 'List intents, newest first',
    example: 'trueup intents list --state UNKNOWN',
    empty: 'Nothing was meant to be written yet.',
    filters: [
      { flags: '--state <state>', description: 'only in this state', query: 'state' },
      { flags: '--plan <id>', description: 'only of this plan', query: 'plan' },
      { flags: '--object <object>', description: 'only of this object', query: 'object' },
    ],
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'SYSTEM', value: (row) => row.connection },
      { title: 'OBJECT', value: (row) => row.object },
      { title: 'ABOUT', value: (row) => row.canonicalId },
      { title: 'REV', value: (row) => row.revision },
      { title: 'STATE', value: (row) => row.state },
      { title: 'READ BACK', value: (row) => row.readBack },
      { title: 'ERROR', value: (row) => row.error?.message },
    ],
  });
  showVerb(cli, intents, {
    path: (id) => `/intents/${id}`,
    description: 'Show one intent',
    example: 'trueup intents show 4f3k…',
  });
  const retry = verb(
    intents,
    'retry <id>',
    'Try a refused write again, or write our values over a conflict',
    'trueup intents retry 4f3k…',
  );
  retry.action(async (id: string) => {
    const path = `/intents/${encodeURIComponent(id)}:retry`;
    const sent = await (await cli.api(retry)).post<Intent>(path);
    cli
      .output(retry)
      .show(sent, () => `${sent.object} of ${sent.connection} is sent again as ${sent.id}.`);
  });
  const drop = verb(
    intents,
    'drop <id>',
    'Drop a write that a mode keeps back, so that it never goes',
    'trueup intents drop 4f3k…',
  );
  drop.action(async (id: string) => {
    const path = `/intents/${encodeURIComponent(id)}:drop`;
    const dropped = await (await cli.api(drop)).post<Intent>(path);
    cli.output(drop).show(dropped, () => `${dropped.object} of ${dropped.connection} is dropped.`);
  });
}
