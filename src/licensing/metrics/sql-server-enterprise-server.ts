import * as z from 'zod';
import { defineMetric } from '../../sdk/define-metric.ts';
import { fitted, needs, onPremises, sumServers } from '../../sdk/metering-servers.ts';
import { ceil, rational } from '../../sdk/kernel.ts';

/** SQL Server Enterprise, Server + CAL: per host a licence for each 4 machines or 20 threads, whichever needs more (G-35). */
export default defineMetric({
  code: 'sql_server_enterprise_server',
  version: 1,
  title: 'SQL Server Enterprise, Server + CAL',
  family: 'capacity',
  unit: 'server',
  aggregation: 'point_in_time',
  source: 'ServiceNow SAM, "Microsoft SQL Server Enterprise edition licensing model"',
  attributes: z.strictObject({
    vmsPerRight: z.number().int().positive().default(4),
    threadsPerRight: z.number().int().positive().default(20),
  }),
  meter({ servers }, { vmsPerRight, threadsPerRight }) {
    const { known, gaps } = fitted(onPremises(servers));
    const lines = known.map(({ server, cores }) => {
      const threads = cores * (server.threadsPerCore ?? 1);
      const rights = [
        [server.vms.length, vmsPerRight],
        [threads, threadsPerRight],
      ]
        .map(([count = 0, per = 1]) => ceil(rational(BigInt(count), BigInt(per))))
        .reduce((most, each) => (each > most ? each : most), 1n);
      return {
        server,
        rights,
        text: `${server.serverId}: ceil(max(${server.vms.length} / ${vmsPerRight}, ${threads} / ${threadsPerRight})) = ${rights}`,
      };
    });
    return sumServers(
      lines.map(({ server, rights }) => needs(server, rights)),
      { gaps, explanation: lines.map(({ text }) => text) },
    );
  },
});
