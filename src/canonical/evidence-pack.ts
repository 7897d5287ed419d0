import * as z from 'zod';
import { Instant, Sha256 } from './fields.ts';

/** What an auditor takes away: the files of a run by their hashes. */
export const EvidencePack = z.strictObject({
  id: z.string(),
  runRef: z.string(),
  createdAt: Instant,
  redaction: z.enum(['none', 'pseudonyms', 'no_personal_data']),
  manifest: z.array(z.strictObject({ path: z.string(), sha256: Sha256 })).min(1),
});
export type EvidencePack = z.infer<typeof EvidencePack>;
