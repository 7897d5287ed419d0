import * as z from 'zod';
import { defineMetric } from '../../sdk/define-metric.ts';
import { fitted, needs, onPremises, sumServers } from '../../sdk/metering-servers.ts';

/**
 * All cores of each server that runs the product, with a minimum per processor and per server (Microsoft per core,
 * physical: Windows Server 8 and 16, SQL Server 4 and none; G-20).
 */
export default defineMetric({
  code: 'cores_physical',
  version: 1,
  title: 'Physical cores',
  family: 'capacity',
  unit: 'core',
  aggregation: 'point_in_time',
  source:
    'ServiceNow SAM, "Software metric attributes": minimum cores per processor and per server',
  attributes: z.strictObject({
    minPerProcessor: z.number().int().nonnegative().default(0),
    minPerServer: z.number().int().nonnegative().default(0),
  }),
  meter({ servers }, { minPerProcessor, minPerServer }) {
    const { known, gaps } = fitted(onPremises(servers));
    const lines = known.map(({ server, sockets, coresPerSocket }) => {
      const rights = Math.max(minPerServer, sockets * Math.max(minPerProcessor, coresPerSocket));
      return {
        server,
        rights,
        text: `${server.serverId}: ${sockets} × max(${minPerProcessor}, ${coresPerSocket}) cores, at least ${minPerServer} = ${rights}`,
      };
    });
    return sumServers(
      lines.map(({ server, rights }) => needs(server, rights)),
      { gaps, explanation: lines.map(({ text }) => text) },
    );
  },
});
