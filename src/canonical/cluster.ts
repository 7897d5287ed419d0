import * as z from 'zod';
import { ExternalRef, validity } from './fields.ts';

/** Hosts between which virtual machines may move. */
export const Cluster = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().min(1),
  hypervisor: z.string().optional(),
  /** The management server or data centre that bounds live migration. */
  managedBy: z.string().optional(),
  ...validity,
});
export type Cluster = z.infer<typeof Cluster>;
