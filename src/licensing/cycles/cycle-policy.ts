import * as z from 'zod';

/** Who signs a cycle, and from when on what was read is too old to be signed unseen. */
export const CyclePolicy = z.strictObject({
  /** One person signs for each of these roles, each for one of them. */
  signers: z
    .array(z.enum(['approver', 'auditor', 'finance', 'licence-manager']))
    .min(1)
    .max(4)
    .refine((roles) => new Set(roles).size === roles.length, 'names a role twice')
    .default(['licence-manager', 'finance']),
  /** At least one signer neither owns the cycle nor computed it. */
  independentSigner: z.boolean().default(true),
  /** A stream that was read longer ago is stale. */
  freshHours: z.number().int().min(1).max(8_784).default(48),
});
export type CyclePolicy = z.infer<typeof CyclePolicy>;
