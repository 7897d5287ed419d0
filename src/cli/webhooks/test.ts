import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { verb } from '../nouns.ts';
import { endpointPath, type Delivery } from './shapes.ts';

/** `webhooks test`: one event now, and what was answered; exit 8 where it did not arrive. */
export function testVerb(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'test <id>',
    'Send an event webhook.test now, once, and say what was answered',
    'trueup webhooks test whe_01j…',
  );
  command.action(async (id: string) => {
    const sent = await (await cli.api(command)).post<Delivery>(`${endpointPath(id)}:test`);
    cli
      .output(command)
      .show(sent, () =>
        sent.state === 'delivered'
          ? `${sent.eventId} arrived: ${sent.lastStatus}.`
          : `${sent.eventId} did not arrive. ${sent.lastError ?? ''}`,
      );
    if (sent.state !== 'delivered') process.exitCode = EXIT.remote;
  });
}
