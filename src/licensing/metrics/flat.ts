import * as z from 'zod';
import { defineMetric } from '../../sdk/define-metric.ts';

/** One right for the whole, however much is used: a flat fee, a site licence. */
export default defineMetric({
  code: 'flat',
  version: 1,
  title: 'Flat',
  family: 'fixed',
  unit: 'licence',
  aggregation: 'point_in_time',
  source:
    'ServiceNow SAM, "Software Asset Management license metrics": enterprise and site licences',
  attributes: z.strictObject({}),
  meter({ subjects, devices, servers, sessions, readings }) {
    const used = [
      ...subjects.map(({ subjectId, evidence }) => ({ subjectId, evidence })),
      ...devices.map(({ deviceId, evidence }) => ({ subjectId: deviceId, evidence })),
      ...servers.map(({ serverId, evidence }) => ({ subjectId: serverId, evidence })),
      ...sessions.map(({ sessionId, evidence }) => ({ subjectId: sessionId, evidence })),
      ...readings.map(({ subjectId, evidence }) => ({ subjectId, evidence })),
    ];
    return {
      required: used.length === 0 ? '0' : '1',
      counted: used.map((each) => ({ ...each, licensableQuantity: '0' })),
      excluded: [],
      explanation: [
        used.length === 0
          ? 'Flat: nobody uses it.'
          : `Flat: one right covers all ${used.length} that use it.`,
      ],
    };
  },
});
