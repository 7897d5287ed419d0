import * as z from 'zod';
import { defineMetric, type MeterResult, type MetricServer } from '../../sdk/define-metric.ts';
import { fitted, needs, onPremises, sumServers } from '../../sdk/metering-servers.ts';

/**
 * The virtual cores of each machine that runs the product, at least `minPerVm` (SQL Server 4, Windows Server 8; G-18, G-19,
 * G-25). The right to license machines alone comes with Software Assurance or a subscription: without it the whole server
 * counts instead. Rights with unlimited virtualization may license whole hosts in place of their machines: the
 * cheaper of the two is chosen (G-34).
 */
export default defineMetric({
  code: 'cores_virtual',
  version: 1,
  title: 'Virtual cores',
  family: 'capacity',
  unit: 'core',
  aggregation: 'point_in_time',
  source:
    'ServiceNow SAM, "Microsoft per core with CAL", "Software metric attributes" and "Cost-based licensing optimization"',
  attributes: z.strictObject({
    minPerVm: z.number().int().nonnegative().default(4),
    /** Software Assurance or a subscription is there. */
    mayLicenseVms: z.boolean().default(true),
    minPerProcessor: z.number().int().nonnegative().default(8),
    minPerServer: z.number().int().nonnegative().default(16),
  }),
  meter({ servers }, { minPerVm, mayLicenseVms, minPerProcessor, minPerServer }) {
    if (mayLicenseVms) {
      const vms = servers.flatMap((server) => server.vms);
      const counted = vms.map(({ vmId, vCpus, evidence }) => ({
        subjectId: vmId,
        licensableQuantity: String(Math.max(minPerVm, vCpus)),
        evidence,
      }));
      return sumServers(counted, {
        explanation: vms.map(
          ({ vmId, vCpus }) => `${vmId}: max(${minPerVm}, ${vCpus}) virtual cores`,
        ),
      });
    }
    return byHosts(servers, {
      minPerProcessor,
      minPerServer,
      warnings: ['vm_licensing_not_allowed'],
      reason:
        'Machines may not be licensed alone without Software Assurance or a subscription: the servers count.',
    });
  },
  meterHosts(hosts, { mayLicenseVms, minPerProcessor, minPerServer }) {
    if (!mayLicenseVms) return null;
    return byHosts(hosts, {
      minPerProcessor,
      minPerServer,
      warnings: [],
      reason: 'All cores of a host license every machine on it.',
    });
  },
});

function byHosts(
  servers: readonly MetricServer[],
  {
    minPerProcessor,
    minPerServer,
    warnings,
    reason,
  }: {
    readonly minPerProcessor: number;
    readonly minPerServer: number;
    readonly warnings: readonly string[];
    readonly reason: string;
  },
): MeterResult {
  const { known, gaps } = fitted(onPremises(servers));
  const counted = known.map(({ server, sockets, coresPerSocket }) =>
    needs(server, Math.max(minPerServer, sockets * Math.max(minPerProcessor, coresPerSocket))),
  );
  return sumServers(counted, { gaps, warnings, explanation: [reason] });
}
