import * as z from 'zod';
import { defineMetric } from '../../sdk/define-metric.ts';
import { needs, onPremises, sumServers } from '../../sdk/metering-servers.ts';
import { toPlain, rational } from '../../sdk/kernel.ts';

/** Red Hat Enterprise Linux: a subscription per pair of sockets of a server, or per two virtual machines (G-36). */
export default defineMetric({
  code: 'rhel_socket_pair',
  version: 1,
  title: 'Red Hat socket pair or two virtual machines',
  family: 'capacity',
  unit: 'socket_pair',
  aggregation: 'point_in_time',
  source: 'ServiceNow SAM, "Red Hat socket pair licensing"',
  attributes: z.strictObject({}),
  meter({ servers }) {
    const hosts = onPremises(servers).filter(({ runsDirectly }) => runsDirectly);
    const unknown = hosts.filter(({ sockets }) => sockets === null);
    const pairs = hosts.flatMap((server) =>
      server.sockets === null ? [] : [needs(server, Math.ceil(server.sockets / 2))],
    );
    const machines = servers
      .flatMap(({ vms }) => vms)
      .map(({ vmId, evidence }) => ({
        subjectId: vmId,
        licensableQuantity: toPlain(rational(1n, 2n), 6),
        evidence,
      }));
    return sumServers([...pairs, ...machines], {
      gaps: unknown.map(({ serverId }) => `unknown_processors: ${serverId}`),
      explanation: [
        ...hosts.map(
          ({ serverId, sockets }) => `${serverId}: ceil(${sockets ?? '?'} / 2) pairs of sockets`,
        ),
        `${machines.length} virtual machines, half a subscription each`,
      ],
    });
  },
});
