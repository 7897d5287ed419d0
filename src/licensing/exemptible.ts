import { byAccount } from '../ledger/identity/identities.ts';
import type { MetricServer, MetricSession } from '../sdk/define-metric.ts';
import type { Claim } from './demand.ts';
import type { Pool } from './pools.ts';
import { compareText, groupBy } from './sort.ts';

/** A person, a machine or a user of a licence server that an exception may name, with every name that it goes by. */
export interface Exemptible {
  readonly subjectId: string;
  readonly names: readonly string[];
}

/** All of a pool that can be taken out of its count, in the order of ids. */
export function exemptibleOf({ claims, holdings }: Pool): readonly Exemptible[] {
  const people = [...groupBy(claims, (each) => each.subjectId)].map(([subjectId, own]) => ({
    subjectId,
    names: [subjectId, ...own.map(loginOf)],
  }));
  const machine = (subjectId: string): Exemptible => ({
    subjectId,
    // `device:crm/7` is known as `crm/7`, too.
    names: [subjectId, subjectId.slice(subjectId.indexOf(':') + 1)],
  });
  const users = new Map(
    holdings.sessions.map((session) => {
      const name = userOf(session);
      return [name, { subjectId: name, names: [name, name.slice(name.indexOf(':') + 1)] }];
    }),
  );
  const read = new Set(holdings.readings.map(({ subjectId }) => subjectId));
  return [
    ...people,
    ...holdings.devices.map(({ deviceId }) => machine(deviceId)),
    ...holdings.servers.map(({ serverId }) => machine(serverId)),
    ...holdings.servers.flatMap(({ vms }) => vms.map(({ vmId }) => machine(vmId))),
    ...users.values(),
    ...[...read].map((subjectId) => ({ subjectId, names: [subjectId] })),
  ].toSorted((left, right) => compareText(left.subjectId, right.subjectId));
}

function loginOf({ record }: Claim): string {
  const { body } = record;
  return byAccount(
    record.connection,
    'userAccountRef' in body ? body.userAccountRef : body.subjectRef,
  );
}

/** Who holds a licence of a server, within its connection; the check-out itself where nobody says. */
function userOf({ sessionId, userId }: MetricSession): string {
  const connection = sessionId.slice(0, sessionId.indexOf('/'));
  return userId === null ? `session:${sessionId}` : `user:${byAccount(connection, userId)}`;
}

/** A pool as if some of what it counts were not there. */
export function withoutSubjects(pool: Pool, taken: readonly Exemptible[]): Pool {
  const gone = new Set(taken.map(({ subjectId }) => subjectId));
  const { claims, holdings } = pool;
  return {
    ...pool,
    claims: claims.filter(({ subjectId }) => !gone.has(subjectId)),
    holdings: {
      ...holdings,
      devices: holdings.devices.filter(({ deviceId }) => !gone.has(deviceId)),
      servers: holdings.servers.flatMap((server) => serverWithout(server, gone)),
      sessions: holdings.sessions.filter((session) => !gone.has(userOf(session))),
      readings: holdings.readings.filter(({ subjectId }) => !gone.has(subjectId)),
    },
  };
}

/** A server without machines on it, and without the product itself, runs nothing. */
function serverWithout(server: MetricServer, gone: ReadonlySet<string>): readonly MetricServer[] {
  if (gone.has(server.serverId)) return [];
  const vms = server.vms.filter(({ vmId }) => !gone.has(vmId));
  if (vms.length === 0 && server.vms.length > 0 && !server.runsDirectly) return [];
  return vms.length === server.vms.length ? [server] : [{ ...server, vms }];
}
