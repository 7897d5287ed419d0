import * as z from 'zod';
import { ExternalRef, validity } from './fields.ts';

/** The parameters under which a metric's counting rule runs. Rolling back means activating an older version. */
export const MetricRuleVersion = z.strictObject({
  externalRef: ExternalRef,
  metricCode: z.string().min(1),
  version: z.number().int().positive(),
  /** The metric plug-in that counts. */
  handlerKey: z.string().min(1),
  attributes: z.record(z.string(), z.json()).default({}),
  status: z.enum(['draft', 'active', 'retired']),
  ...validity,
});
export type MetricRuleVersion = z.infer<typeof MetricRuleVersion>;
