import { appendAudit } from '../../audit/audit-log.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { listSchedules, setSchedule, type Schedule } from '../../queue/schedules.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Changes how often something comes by the clock, or whether it does. Throws NotFoundError. */
export function changeSchedule(
  deps: Deps,
  caller: Caller,
  change: {
    readonly job: string;
    readonly key: string;
    readonly everySeconds?: number | undefined;
    readonly enabled?: boolean | undefined;
  },
): Promise<Schedule> {
  const { job, key, everySeconds, enabled } = change;
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const known = (await listSchedules(tx)).some((each) => each.job === job && each.key === key);
    if (!known) throw new NotFoundError(`There is no schedule of "${job}" with key "${key}".`);
    const schedule = await setSchedule(tx, {
      job,
      key,
      ...(everySeconds === undefined ? {} : { everySeconds }),
      ...(enabled === undefined ? {} : { enabled }),
    });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'schedule.changed',
      subject: { type: 'schedule', id: key === '' ? job : `${job}/${key}` },
      details: { everySeconds: schedule.everySeconds, enabled: schedule.enabled },
    });
    return schedule;
  });
}
