import * as z from 'zod';
import { ExternalRef, Instant } from './fields.ts';

/** A login in a system. Who the person behind it is, the identity graph says, with its evidence. */
export const UserAccount = z.strictObject({
  externalRef: ExternalRef,
  userName: z.string().min(1),
  displayName: z.string().optional(),
  emails: z.array(z.string()).default([]),
  active: z.boolean(),
  kind: z.enum(['human', 'service', 'shared']).default('human'),
  employeeNumber: z.string().optional(),
  departmentName: z.string().optional(),
  organizationName: z.string().optional(),
  costCenter: z.string().optional(),
  managerRef: ExternalRef.optional(),
  lastActivityAt: Instant.optional(),
  /** When the source made the login: of two logins of one person, the later one is the duplicate. */
  createdAt: Instant.optional(),
});
export type UserAccount = z.infer<typeof UserAccount>;
