import * as z from 'zod';
import { ExternalRef } from '../fields.ts';

/** Whether a login in a system of ours shall work. */
export const OutboundLogin = z.strictObject({
  /** Its id in the system, and its name there. */
  userRef: ExternalRef,
  userName: z.string().min(1),
  active: z.boolean(),
});
export type OutboundLogin = z.infer<typeof OutboundLogin>;
