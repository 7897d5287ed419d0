import * as z from 'zod';
import { ExternalRef } from './fields.ts';

/** A human, a service or a shared mailbox behind one or more logins. */
export const Person = z.strictObject({
  externalRef: ExternalRef,
  kind: z.enum(['human', 'service', 'shared']).default('human'),
  displayName: z.string().optional(),
  /** What stands for the name where personal data may not be shown. */
  pseudonym: z.string().optional(),
  status: z.enum(['active', 'left', 'erased']).default('active'),
});
export type Person = z.infer<typeof Person>;
