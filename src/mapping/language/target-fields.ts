import type * as z from 'zod';
import { isNounName, NOUNS, type NounName } from '../../canonical/nouns.ts';
import {
  isOutboundDocumentName,
  OUTBOUND_DOCUMENTS,
} from '../../canonical/outbound/outbound-documents.ts';

/** One field of a noun, as far as mappings care. */
export interface TargetField {
  readonly name: string;
  /** True if a fact without it is refused. */
  readonly required: boolean;
  readonly schema: z.ZodType;
}

const cache = new Map<NounName, ReadonlyMap<string, TargetField>>();

/** The fields of a canonical noun by name. */
export function targetFieldsOf(noun: NounName): ReadonlyMap<string, TargetField> {
  const known = cache.get(noun);
  if (known !== undefined) return known;
  const shape: Readonly<Record<string, z.ZodType>> = NOUNS[noun].shape;
  const fields = new Map(
    Object.entries(shape).map(([name, schema]) => [
      name,
      { name, schema, required: !schema.safeParse(undefined).success },
    ]),
  );
  cache.set(noun, fields);
  return fields;
}

/** The schema of what an outbound mapping reads: a document of commerce or a canonical noun. */
export function outboundSourceOf(object: string): z.ZodType | null {
  if (isOutboundDocumentName(object)) return OUTBOUND_DOCUMENTS[object];
  return isNounName(object) ? NOUNS[object] : null;
}
