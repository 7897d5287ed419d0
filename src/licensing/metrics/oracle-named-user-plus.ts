import * as z from 'zod';
import { defineMetric } from '../../sdk/define-metric.ts';
import { compareQuantity, scaleQuantity } from '../../sdk/kernel.ts';
import { ORACLE_ATTRIBUTES, oracleProcessors } from './oracle/processors.ts';

/**
 * Oracle named user plus: every person who is authorised and every device that nobody operates, but at least so many per
 * processor (Enterprise Edition 25) or per server (Standard Edition 2: 10; G-02, G-26, G-28, G-29).
 */
export default defineMetric({
  code: 'oracle_named_user_plus',
  version: 1,
  title: 'Oracle named user plus',
  family: 'user',
  unit: 'user',
  aggregation: 'count_distinct',
  source:
    'OpTISAM, "Oracle NUP"; license-library.de, named user plus (devices operated by a person are not counted again)',
  attributes: ORACLE_ATTRIBUTES.extend({
    minPerProcessor: z.number().int().nonnegative().default(25),
    minPerServer: z.number().int().nonnegative().default(0),
  }),
  meter(input, attributes) {
    const { subjects, devices, servers } = input;
    const processors = oracleProcessors(input, attributes);
    const persons = subjects.filter(({ assigned }) => assigned);
    const alone = devices.filter(
      ({ userIds, primaryUserId }) => userIds.length === 0 && primaryUserId === null,
    );
    const counted = [
      ...persons.map(({ subjectId, evidence }) => ({
        subjectId,
        licensableQuantity: '1',
        evidence,
      })),
      ...alone.map(({ deviceId, evidence }) => ({
        subjectId: deviceId,
        licensableQuantity: '1',
        evidence,
      })),
    ];
    const { minPerProcessor, minPerServer } = attributes;
    const least = [
      scaleQuantity(processors.required, minPerProcessor),
      String(servers.length * minPerServer),
      String(counted.length),
    ];
    const required = least.reduce(
      (most, each) => (compareQuantity(each, most) > 0 ? each : most),
      '0',
    );
    return {
      ...processors,
      required,
      counted,
      excluded: [
        ...subjects
          .filter(({ assigned }) => !assigned)
          .map(({ subjectId }) => ({ subjectId, reason: 'not_assigned' })),
        ...devices
          .filter((each) => !alone.includes(each))
          .map(({ deviceId }) => ({ subjectId: deviceId, reason: 'operated_by_a_person' })),
      ],
      figures: { ...processors.figures, processors: processors.required },
      explanation: [
        ...processors.explanation,
        `Named user plus: max(${minPerProcessor} × ${processors.required} processors, ${minPerServer} × ${servers.length} servers, ${persons.length} persons + ${alone.length} devices that nobody operates) = ${required}`,
      ],
    };
  },
});
