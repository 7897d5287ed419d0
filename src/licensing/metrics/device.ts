import * as z from 'zod';
import { defineMetric } from '../../sdk/define-metric.ts';
import { countEach } from '../../sdk/metering.ts';
import { ceil, rational } from '../../sdk/kernel.ts';

/** A right per device, and one more for each further `maxInstallsPerRight` copies on it (G-05). */
export default defineMetric({
  code: 'device',
  version: 1,
  title: 'Device',
  family: 'device',
  unit: 'device',
  aggregation: 'count_distinct',
  source:
    'ServiceNow SAM, "Explanation of rights post reconciliation": max(1, ceil(installs / maxInstallsPerRight))',
  attributes: z.strictObject({
    /** Copies on one device that one right covers; null for any number. */
    maxInstallsPerRight: z.number().int().positive().nullable().default(null),
  }),
  meter({ devices }, { maxInstallsPerRight }) {
    const counted = devices
      .filter(({ installs }) => installs > 0)
      .map(({ deviceId, installs, evidence }) => {
        const rights =
          maxInstallsPerRight === null
            ? 1n
            : ceil(rational(BigInt(installs), BigInt(maxInstallsPerRight)));
        return { subjectId: deviceId, licensableQuantity: String(rights), evidence };
      });
    const reached = devices.filter(({ installs }) => installs === 0);
    const excluded = reached.map(({ deviceId }) => ({
      subjectId: deviceId,
      reason: 'not_installed',
    }));
    const each =
      maxInstallsPerRight === null
        ? 'however many copies'
        : `one right per ${maxInstallsPerRight} copies`;
    return countEach(counted, excluded, [
      `Device: ${counted.length} devices with the product, ${each}.`,
    ]);
  },
});
