import * as z from 'zod';
import { ExternalRef } from './fields.ts';

/** A group of logins in a directory, and of other groups, whose logins belong to it, too. */
export const UserGroup = z.strictObject({
  externalRef: ExternalRef,
  displayName: z.string(),
  memberRefs: z.array(ExternalRef).default([]),
  /** Groups inside this one. */
  childGroupRefs: z.array(ExternalRef).optional(),
});
export type UserGroup = z.infer<typeof UserGroup>;
