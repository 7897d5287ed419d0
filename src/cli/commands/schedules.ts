import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb, wholeNumber } from '../nouns.ts';

interface Schedule {
  readonly job: string;
  readonly key: string;
  readonly everySeconds: number;
  readonly enabled: boolean;
  readonly nextAt: string;
}

/** `schedules`: what comes by the clock. */
export function register(program: Command, cli: Cli): void {
  const schedules = noun(program, 'schedules', 'What comes by the clock', 'trueup schedules list');
  listVerb<Schedule>(cli, schedules, {
    path: '/schedules',
    description: 'List what comes by the clock, and when next',
    example: 'trueup schedules list',
    empty: 'Nothing comes by the clock.',
    columns: [
      { title: 'SYNC', value: (row) => row.job },
      { title: 'KEY', value: (row) => row.key },
      { title: 'EVERY (S)', value: (row) => row.everySeconds },
      { title: 'ENABLED', value: (row) => row.enabled },
      { title: 'NEXT', value: (row) => row.nextAt },
    ],
  });
  const set = verb(
    schedules,
    'set <sync> [key]',
    'Change how often something comes, or whether it does',
    'trueup schedules set pull crm --every 600',
  )
    .option('--every <seconds>', 'how often')
    .option('--disable', 'never, until it is enabled again')
    .option('--enable', 'again');
  set.action(async (job: string, key: string | undefined) => {
    const { every, disable, enable } = set.opts<{
      every?: string;
      disable?: boolean;
      enable?: boolean;
    }>();
    const api = await cli.api(set);
    const schedule = await api.patch<Schedule>('/schedules', {
      job,
      key: key ?? '',
      ...(every === undefined ? {} : { everySeconds: wholeNumber(every, '--every') }),
      ...(disable === true ? { enabled: false } : enable === true ? { enabled: true } : {}),
    });
    cli
      .output(set)
      .show(schedule, () =>
        schedule.enabled
          ? `${schedule.job} ${schedule.key} comes every ${schedule.everySeconds} s, next at ${schedule.nextAt}.`
          : `${schedule.job} ${schedule.key} is disabled.`,
      );
  });
}
