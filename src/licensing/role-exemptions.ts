import { byAccount } from '../ledger/identity/identities.ts';
import type { MeterResult } from '../sdk/define-metric.ts';
import { namesOf } from './allocation/terms.ts';
import { exemptibleOf, type Exemptible } from './exemptible.ts';
import type { Pool } from './pools.ts';
import type { Snapshot } from './snapshot.ts';
import { groupBy } from './sort.ts';

const REASON = 'nonproduction_free';

/**
 * The machines of a pool that need no right because of what they are for (rule c.4): those that do not produce, where all rights
 * in force say that such use is free, for nobody can say which of them would have to license a machine. A server that produces
 * with one of its machines produces.
 */
export function roleExemptions(snapshot: Snapshot): (pool: Pool) => readonly Exemptible[] {
  const free = new Set(
    snapshot.useRights
      .filter(({ body }) => body.kind === 'nonprod_free')
      .map(({ connection, body }) => byAccount(connection, body.entitlementRef)),
  );
  if (free.size === 0) return () => [];
  return (pool) => {
    const held = pool.entitlements.filter(({ owned, unlimited }) => unlimited || owned !== '0');
    const isFree = held.every(({ fact }) => namesOf(fact).some((name) => free.has(name)));
    if (held.length === 0 || !isFree) return [];
    const idle = new Set(nonproductionOf(pool));
    return exemptibleOf(pool).filter(({ subjectId }) => idle.has(subjectId));
  };
}

function nonproductionOf({ holdings: { devices, servers } }: Pool): readonly string[] {
  const vms = servers.flatMap((server) => server.vms);
  const whole = servers.filter((server) =>
    [server, ...server.vms].every(({ environment }) => environment === 'nonprod'),
  );
  return [
    ...devices
      .filter(({ environment }) => environment === 'nonprod')
      .map(({ deviceId }) => deviceId),
    ...vms.filter(({ environment }) => environment === 'nonprod').map(({ vmId }) => vmId),
    ...whole.map(({ serverId }) => serverId),
  ];
}

/** A count that also names what was left out of it for its role. */
export function withRoleExemptions(met: MeterResult, left: readonly Exemptible[]): MeterResult {
  if (left.length === 0) return met;
  const known = groupBy(met.excluded, ({ subjectId }) => subjectId);
  return {
    ...met,
    excluded: [
      ...met.excluded,
      ...left
        .filter(({ subjectId }) => !known.has(subjectId))
        .map(({ subjectId }) => ({ subjectId, reason: REASON })),
    ],
    explanation: [
      ...met.explanation,
      `${left.length} machines that do not produce need no right: the agreement allows it.`,
    ],
  };
}
