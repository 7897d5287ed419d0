import * as z from 'zod';
import { LookupKind } from '../app/flows/make-lookup.ts';
import type { ReplyHead } from './define-route.ts';
import { Instant, Slug } from './fields.ts';
import { etagOf } from './if-match.ts';

export const LookupParam = z.strictObject({ id: Slug });
export const LookupVersionNumber = z.coerce.number().int().positive().max(1_000_000);
export const LookupNote = z.string().max(2_000).default('');
export const LookupEntries = z.record(z.string().max(1_000), z.json());
export const LookupKey = z.string().max(1_000);

export const Lookup = z
  .object({
    name: z.string(),
    kind: LookupKind,
    title: z.string(),
    version: z.number().int(),
    entries: z.number().int(),
    updatedAt: Instant,
    updatedBy: z.string(),
    readBy: z.array(z.string()).meta({ description: 'Mappings in effect that read it.' }),
    unmatched: z.number().int().meta({ description: 'Keys that records ask for and it lacks.' }),
  })
  .meta({ id: 'Lookup' });

export const LookupChange = z.object({
  key: z.string(),
  kind: z.enum(['added', 'changed', 'removed']),
  before: z.json(),
  after: z.json(),
});

export const LookupAfter = z
  .object({
    lookup: Lookup,
    changes: z.array(LookupChange),
    replays: z
      .array(
        z.object({
          runId: z.string(),
          connection: z.string(),
          stream: z.string(),
          records: z.number().int(),
        }),
      )
      .meta({ description: 'Runs that map the landed records again that asked for these keys.' }),
  })
  .meta({ id: 'LookupAfter', description: 'A lookup table after a change of it.' });

export const LookupCell = z.object({
  line: z.number().int().nullable(),
  column: z.string().nullable(),
  code: z.string(),
  message: z.string(),
});

/** Gives a table with the tag that its next change has to name. */
export function taggedLookup<View extends { readonly tag: string }>(
  reply: ReplyHead,
  view: View,
): View {
  reply.headers['etag'] = etagOf(view.tag);
  return view;
}

/** The same of what a change came to. */
export function changedLookup<Outcome extends { readonly lookup: { readonly tag: string } }>(
  reply: ReplyHead,
  after: Outcome,
): Outcome {
  taggedLookup(reply, after.lookup);
  return after;
}

export const LookupEntry = z.object({
  key: z.string(),
  value: z.json(),
  records: z.number().int(),
  facts: z.number().int(),
});

export const LookupVersion = z.object({
  version: z.number().int(),
  action: z.enum(['made', 'set', 'imported', 'accepted', 'restored']),
  note: z.string(),
  changedBy: z.string(),
  changedAt: Instant,
  added: z.number().int(),
  changed: z.number().int(),
  removed: z.number().int(),
  entries: z.number().int(),
});

export const UnmatchedKey = z.object({
  key: z.string(),
  records: z.number().int(),
  money: z.array(z.object({ amount: z.string(), currency: z.string() })),
  samples: z.array(
    z.object({
      connection: z.string(),
      stream: z.string(),
      recordId: z.string(),
      mappingId: z.string(),
    }),
  ),
  suggestions: z.array(
    z.object({ key: z.string(), value: z.json(), score: z.number(), reason: z.string() }),
  ),
});
