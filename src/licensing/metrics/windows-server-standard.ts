import * as z from 'zod';
import { defineMetric } from '../../sdk/define-metric.ts';
import { fitted, needs, onPremises, sumServers } from '../../sdk/metering-servers.ts';

/**
 * Windows Server Standard by physical cores: all cores of the server licensed once give two operating system environments,
 * and each further two need all of them again (stacking; G-21 to G-24). The environment of the host itself counts only
 * where it does more than run the others.
 */
export default defineMetric({
  code: 'windows_server_standard',
  version: 1,
  title: 'Windows Server Standard, physical cores',
  family: 'capacity',
  unit: 'core',
  aggregation: 'point_in_time',
  source:
    'Microsoft licensing brief "Windows Server 2022 per core"; ServiceNow SAM, "Software metric attributes"',
  attributes: z.strictObject({
    minPerProcessor: z.number().int().nonnegative().default(8),
    minPerServer: z.number().int().nonnegative().default(16),
    environmentsPerLicence: z.number().int().positive().default(2),
  }),
  meter({ servers }, { minPerProcessor, minPerServer, environmentsPerLicence }) {
    const { known, gaps } = fitted(onPremises(servers));
    const lines = known.map(({ server, sockets, coresPerSocket }) => {
      const cores = Math.max(minPerServer, sockets * Math.max(minPerProcessor, coresPerSocket));
      const times = Math.max(1, Math.ceil(server.vms.length / environmentsPerLicence));
      return {
        server,
        rights: cores * times,
        text: `${server.serverId}: ${cores} cores × ceil(${server.vms.length} / ${environmentsPerLicence}) = ${cores * times}`,
      };
    });
    return sumServers(
      lines.map(({ server, rights }) => needs(server, rights)),
      { gaps, explanation: lines.map(({ text }) => text) },
    );
  },
});
