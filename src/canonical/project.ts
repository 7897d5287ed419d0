import * as z from 'zod';
import { ExternalRef, validity } from './fields.ts';

/** A piece of work that licences are bought or held for. */
export const Project = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().min(1),
  code: z.string().optional(),
  departmentRef: ExternalRef.optional(),
  ownerRef: ExternalRef.optional(),
  status: z.enum(['planned', 'active', 'closed']).default('active'),
  ...validity,
});
export type Project = z.infer<typeof Project>;
