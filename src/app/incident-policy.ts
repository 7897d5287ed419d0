import * as z from 'zod';
import type { TenantTx } from '../db/store.ts';
import { Role } from '../security/permissions.ts';
import { listUsers } from '../security/users.ts';

/** Who is told: everybody of a role, or one person. */
const Told = z.union([
  z.strictObject({ role: Role }),
  z.strictObject({ person: z.string().min(1).max(100) }),
]);

/**
 * Who sees to incidents: `owner` from the start, and who is told next once one is `afterHours` old and nobody has taken
 * notice of it within the last `ackHours`. Steps are taken in the order of their age, each once an incident.
 */
export const IncidentPolicy = z.strictObject({
  owner: z.string().min(1).max(100).nullable().default(null),
  ackHours: z.number().int().min(1).max(720).default(24),
  steps: z
    .array(z.strictObject({ afterHours: z.number().int().min(0).max(8760), tell: Told }))
    .max(20)
    .refine(
      (steps) =>
        steps.every(({ afterHours }, at) => afterHours >= (steps[at - 1]?.afterHours ?? 0)),
      {
        error: 'names its steps by age, the earliest first',
      },
    )
    .default([
      { afterHours: 1, tell: { role: 'licence-manager' } },
      { afterHours: 4, tell: { role: 'admin' } },
      { afterHours: 24, tell: { role: 'finance' } },
    ]),
});
export type IncidentPolicy = z.infer<typeof IncidentPolicy>;

/** The people of a step who are here, with how the timeline names them together. */
export async function toldBy(
  tx: TenantTx,
  { tell, afterHours }: IncidentPolicy['steps'][number],
): Promise<{ readonly people: readonly string[]; readonly text: string }> {
  const told = (await listUsers(tx)).filter(
    ({ id, roles, status }) =>
      status === 'active' && ('role' in tell ? roles.includes(tell.role) : id === tell.person),
  );
  const who = 'role' in tell ? `everybody with the role ${tell.role}` : 'one person';
  const names = told.length === 0 ? 'nobody is there' : told.map(({ name }) => name).join(', ');
  return {
    people: told.map(({ id }) => id),
    text: `Open for ${afterHours} h and nobody has taken notice: ${who} is told (${names}).`,
  };
}
