import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { noun, verb } from '../nouns.ts';

/** `sync`: start now what the schedule would start later. */
export function register(program: Command, cli: Cli): void {
  const sync = noun(
    program,
    'sync',
    'Start now what the schedule would start later',
    'trueup sync run sync-renewals',
  );
  const command = verb(
    sync,
    'run <sync>',
    'Start detect-closed-won, sync-entitlements, sync-renewals or sync-reconciliation',
    'trueup sync run detect-closed-won',
  );
  command.action(async (job: string) => {
    const started = await (
      await cli.api(command)
    ).post<{ job: string }>(`/sync/${encodeURIComponent(job)}`);
    cli
      .output(command)
      .show(
        started,
        () =>
          `${started.job} is under way. Follow it with trueup status; what it writes: trueup intents list`,
      );
  });
}
