import * as z from 'zod';
import { ExternalRef } from './fields.ts';

/** Rights that several parties draw on together. Surplus of one pool never covers another (G-60). */
export const EntitlementPool = z.strictObject({
  externalRef: ExternalRef,
  name: z.string().min(1),
  ownerRef: ExternalRef,
  memberRule: z.enum(['affiliate', 'list']),
  memberRefs: z.array(ExternalRef).default([]),
  drawPolicy: z.enum(['reserved_then_shared', 'fifo', 'priority']).default('reserved_then_shared'),
});
export type EntitlementPool = z.infer<typeof EntitlementPool>;
