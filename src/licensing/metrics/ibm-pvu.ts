import * as z from 'zod';
import { defineMetric } from '../../sdk/define-metric.ts';
import { factorOf, fitted, needs, onPremises, sumServers } from '../../sdk/metering-servers.ts';
import { ceil, multiply, rational } from '../../sdk/kernel.ts';

/**
 * IBM processor value units: cores × units. Under sub-capacity terms only the virtual cores of the product, at most the
 * physical ones (G-31, G-32); they hold only while the tool's evidence is valid.
 */
export default defineMetric({
  code: 'ibm_pvu',
  version: 1,
  title: 'IBM processor value unit',
  family: 'capacity',
  unit: 'pvu',
  aggregation: 'point_in_time',
  source:
    'IBM "Default subcapacity counting" (120 units where the processor is not identified); ServiceNow SAM, "IBM PVU"',
  attributes: z.strictObject({
    factorTable: z.string().default('ibm_pvu'),
    /** Deployed tool, quarterly reports kept: without that evidence full capacity counts. */
    subCapacityEvidence: z.boolean().default(false),
  }),
  meter({ servers, factorTable }, attributes) {
    const table = factorTable(attributes.factorTable);
    if (table === null)
      return sumServers([], {
        gaps: [`missing_factor_table: ${attributes.factorTable}`],
        explanation: [],
      });
    const { known, gaps } = fitted(onPremises(servers));
    const lines = known.map(({ server, cores }) => {
      const { factor, warning } = factorOf(table, server);
      const virtual = server.vms.reduce((sum, { vCpus }) => sum + vCpus, 0);
      const isSub = attributes.subCapacityEvidence && !server.runsDirectly && server.vms.length > 0;
      const counted = isSub ? Math.min(virtual, cores) : cores;
      const rights = factor === null ? null : ceil(multiply(rational(BigInt(counted)), factor));
      return {
        server,
        rights,
        warning,
        text: `${server.serverId}: ${isSub ? `min(${virtual} virtual, ${cores} physical)` : cores} cores = ${rights ?? 'unknown'} units`,
      };
    });
    return sumServers(
      lines.flatMap(({ server, rights }) => (rights === null ? [] : [needs(server, rights)])),
      {
        gaps: [
          ...gaps,
          ...lines.flatMap(({ server, rights }) =>
            rights === null ? [`no_factor: ${server.serverId}`] : [],
          ),
        ],
        warnings: lines.flatMap(({ warning }) => warning ?? []),
        explanation: lines.map(({ text }) => text),
      },
    );
  },
});
