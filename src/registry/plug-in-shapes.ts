import { z } from 'zod';
import type { ConnectorDefinition } from '../sdk/define-connector.ts';
import type { JobDefinition } from '../sdk/define-job.ts';
import type { MetricDefinition } from '../sdk/define-metric.ts';
import type { TransformDefinition } from '../sdk/define-transform.ts';
import type { TwinDefinition } from '../sdk/define-twin.ts';
import { fieldsWithoutDescription } from './fields-without-description.ts';

const isFunction = (value: unknown): boolean => typeof value === 'function';
const fn = z.custom<unknown>(isFunction, 'must be a function');
const text = z.string('must be text').min(1, 'must not be empty');
const count = z.int('must be a whole number').min(1, 'must be at least 1');

/** Asked by its methods, not by its class: a plug-in may bring a zod of its own. */
const schema = z.custom<z.ZodType>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    'parse' in value &&
    isFunction(value.parse) &&
    'safeParse' in value &&
    isFunction(value.safeParse),
  'must be a zod schema',
);
const settings = schema.superRefine((value, context) => {
  for (const field of fieldsWithoutDescription(value)) {
    context.addIssue({ code: 'custom', path: [field], message: 'must carry .describe()' });
  }
});

const unique =
  <Item>(nameOf: (item: Item) => string) =>
  (items: readonly Item[]): boolean =>
    new Set(items.map(nameOf)).size === items.length;

const Stream = z.object({
  name: text,
  title: text,
  cursor: z.enum(['keyset', 'full']),
  pageSize: count,
  personalData: z.boolean(),
});

const Writer = z.object({
  object: text,
  title: text,
  externalIdField: text.nullable(),
  intentField: text.nullable(),
  batch: count,
  money: z.boolean(),
  cancel: text.optional(),
  oneByOne: z.boolean().optional(),
  parentField: text.optional(),
});

/** One kind of plug-in: what its definition must look like, and how it is called. */
export interface PlugInKind<Definition> {
  /** For messages: `defineConnector`. */
  readonly define: string;
  readonly shape: z.ZodType;
  /** The member that names it. */
  readonly nameMember: string;
  readonly nameOf: (definition: Definition) => string;
  /** What its folder or file must be called. */
  readonly fileNameOf: (definition: Definition) => string;
}

export const connectorKind: PlugInKind<ConnectorDefinition> = {
  define: 'defineConnector',
  nameMember: 'id',
  nameOf: ({ id }) => id,
  fileNameOf: ({ id }) => id,
  shape: z.object({
    id: text,
    title: text,
    role: z.enum(['crm', 'erp', 'directory', 'file', 'usage', 'assets']),
    config: settings,
    secrets: settings,
    streams: z
      .array(Stream)
      .min(1, 'must name at least one stream')
      .refine(
        unique((stream: z.infer<typeof Stream>) => stream.name),
        'must have names that differ',
      ),
    writers: z.array(Writer).refine(
      unique((writer: z.infer<typeof Writer>) => writer.object),
      'must have objects that differ',
    ),
    limits: z.object({ concurrency: count, timeoutMs: count, maxResponseBytes: count }),
    streamsOf: fn.optional(),
    listensTo: fn.optional(),
    push: z.object({ title: text, read: fn, acknowledgement: text }).optional(),
    hosts: fn,
    open: fn,
  }),
};

export const jobKind: PlugInKind<JobDefinition> = {
  define: 'defineJob',
  nameMember: 'name',
  nameOf: ({ name }) => name,
  fileNameOf: ({ name }) => name,
  shape: z.object({
    name: text,
    lane: z.enum(['interactive', 'bulk', 'schedule']),
    payload: schema,
    retry: z.object({ attempts: count, backoffMs: z.int().min(0) }),
    everySeconds: count.nullable(),
    run: fn,
  }),
};

export const transformKind: PlugInKind<TransformDefinition> = {
  define: 'defineTransform',
  nameMember: 'name',
  nameOf: ({ name }) => name,
  fileNameOf: ({ name }) => name,
  shape: z.object({ name: text, description: text, takesArgument: z.boolean(), apply: fn }),
};

export const metricKind: PlugInKind<MetricDefinition> = {
  define: 'defineMetric',
  nameMember: 'code',
  nameOf: ({ code }) => code,
  // Codes are data and may hold underscores; files never do.
  fileNameOf: ({ code }) => code.replaceAll('_', '-'),
  shape: z.object({
    code: text,
    version: count,
    title: text,
    family: z.enum(['user', 'device', 'concurrent', 'capacity', 'consumption', 'fixed']),
    unit: text,
    aggregation: z.enum(['count_distinct', 'sum', 'peak', 'average', 'point_in_time']),
    source: text,
    attributes: schema,
    meter: fn,
    meterHosts: fn.optional(),
  }),
};

export const twinKind: PlugInKind<TwinDefinition> = {
  define: 'defineTwin',
  nameMember: 'system',
  nameOf: ({ system }) => system,
  fileNameOf: ({ system }) => system,
  shape: z.object({ system: text, start: fn }),
};
