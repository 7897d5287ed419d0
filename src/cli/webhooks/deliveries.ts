import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb, wholeNumber } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';
import { endpointPath, type Delivery } from './shapes.ts';

/** `webhooks deliveries`: what is, or was, on its way; with an event, every call that was made. */
export function deliveriesVerb(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'deliveries <id> [event]',
    'List what is, or was, on its way to an endpoint; with an event, each call of it',
    'trueup webhooks deliveries whe_01j… --state failed',
  )
    .option('--state <state>', 'waiting, sending, delivered or failed')
    .option('--limit <n>', 'rows at most; 0 for all', '100');
  command.action(async (id: string, event: string | undefined) => {
    const api = await cli.api(command);
    const path = `${endpointPath(id)}/deliveries`;
    if (event !== undefined) {
      const shown = await api.get<unknown>(`${path}/${encodeURIComponent(event)}`);
      cli.output(command).show(shown, () => JSON.stringify(shown, null, 2));
      return;
    }
    const { state, limit } = command.opts<{ state?: string; limit: string }>();
    const most = wholeNumber(limit, '--limit');
    const rows = await api.list<Delivery>(path, { state }, most === 0 ? undefined : most);
    cli.output(command).table(
      rows,
      [
        { title: 'EVENT', value: (row) => row.eventId },
        { title: 'TYPE', value: (row) => row.type },
        { title: 'AT', value: (row) => row.at },
        { title: 'STATE', value: (row) => row.state },
        { title: 'ATTEMPTS', value: (row) => row.attempts },
        { title: 'ANSWER', value: (row) => row.lastStatus ?? row.lastError },
        { title: 'NEXT', value: (row) => row.dueAt },
      ],
      state === undefined ? 'Nothing was sent to it yet.' : 'None match.',
    );
  });
}

/** `webhooks replay`: one event, or those of a time, once more. */
export function replayVerb(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'replay <id> [event]',
    'Send one event again, or those since a moment that the endpoint did not get',
    'trueup webhooks replay whe_01j… --since 2026-03-01T00:00:00Z',
  )
    .option('--since <moment>', 'from then on, RFC 3339')
    .option('--until <moment>', 'up to then, RFC 3339')
    .option('--delivered', 'also what it has taken already');
  command.action(async (id: string, event: string | undefined) => {
    const options = command.opts<{ since?: string; until?: string; delivered?: boolean }>();
    if ((event === undefined) === (options.since === undefined))
      throw new UsageError('Name one event, or a time with --since.');
    const { since, until } = options;
    const body = event === undefined ? { since, ...(until === undefined ? {} : { until }), delivered: options.delivered === true } : { eventId: event }; // prettier-ignore
    const sent = await (
      await cli.api(command)
    ).post<{ readonly events: number }>(`${endpointPath(id)}:replay`, body);
    cli.output(command).show(sent, () => `${sent.events} events are sent again.`);
  });
}
