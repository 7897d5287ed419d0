import * as z from 'zod';
import { ExternalRef } from './fields.ts';

export const MetricFamily = z.enum([
  'user',
  'device',
  'concurrent',
  'capacity',
  'consumption',
  'fixed',
]);

/** A licence metric: the unit that is counted. How it is counted is its rule version and its plug-in. */
export const Metric = z.strictObject({
  externalRef: ExternalRef,
  code: z.string().min(1),
  title: z.string().optional(),
  family: MetricFamily,
  unit: z.string().min(1),
  aggregation: z.enum(['count_distinct', 'sum', 'peak', 'average', 'point_in_time']),
  /** The window of a peak or an average, as an ISO 8601 duration such as P28D. */
  window: z.string().startsWith('P').optional(),
  subject: z.enum(['person', 'account', 'device', 'host', 'vm', 'instance']).default('person'),
});
export type Metric = z.infer<typeof Metric>;
