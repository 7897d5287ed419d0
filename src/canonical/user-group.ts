import * as z from 'zod';
import { ExternalRef } from './fields.ts';

/** A group of logins in a directory. */
export const UserGroup = z.strictObject({
  externalRef: ExternalRef,
  displayName: z.string(),
  memberRefs: z.array(ExternalRef).default([]),
});
export type UserGroup = z.infer<typeof UserGroup>;
