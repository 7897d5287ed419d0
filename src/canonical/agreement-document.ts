import * as z from 'zod';
import { ExternalRef, Sha256 } from './fields.ts';

/** The signed paper behind an agreement, by its hash; entitlements point at its clauses by anchor. */
export const AgreementDocument = z.strictObject({
  externalRef: ExternalRef,
  agreementRef: ExternalRef,
  hash: Sha256,
  uri: z.string().optional(),
  clauses: z
    .array(z.strictObject({ anchor: z.string().min(1), title: z.string().optional() }))
    .default([]),
});
export type AgreementDocument = z.infer<typeof AgreementDocument>;
