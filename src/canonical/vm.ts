import * as z from 'zod';
import { ExternalRef, validity } from './fields.ts';

/** A virtual machine, on a host, a cluster or in a cloud. */
export const Vm = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().min(1),
  vCpus: z.number().int().positive(),
  hostRef: ExternalRef.optional(),
  clusterRef: ExternalRef.optional(),
  /** Hosts that the machine may run on; empty when it may move anywhere in its cluster. */
  hostAffinityRefs: z.array(ExternalRef).default([]),
  cloud: z.enum(['none', 'aws', 'azure', 'gcp']).default('none'),
  instanceType: z.string().optional(),
  environment: z.enum(['prod', 'nonprod']).default('prod'),
  ...validity,
});
export type Vm = z.infer<typeof Vm>;
