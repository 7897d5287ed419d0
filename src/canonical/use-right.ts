import * as z from 'zod';
import { ExternalRef, Fraction } from './fields.ts';

/** A further use that an entitlement allows, such as an older version or a second device of the same user. */
export const UseRight = z.strictObject({
  externalRef: ExternalRef,
  entitlementRef: ExternalRef,
  kind: z.enum([
    'downgrade',
    'upgrade',
    'edition_downgrade',
    'secondary_use',
    'mobility',
    'dr_passive',
    'nonprod_free',
    'multi_version',
    /** All cores of a host license every machine on it. */
    'unlimited_virtualization',
  ]),
  targetModelRefs: z.array(ExternalRef).default([]),
  ratio: Fraction.default('1'),
  condition: z.string().optional(),
});
export type UseRight = z.infer<typeof UseRight>;
