import type { LeasedIntent } from '../delivery/dispatch.ts';

/** What kind of write it is, for whoever watches kill points: its object and one of four words. */
export function kindOf(object: string, intents: readonly LeasedIntent[]): string {
  const [first] = intents;
  if (intents.length > 1) return `${object} collection`;
  if (first === undefined || first.vendorId !== null) return `${object} update`;
  return `${object} ${first.revision === 1 ? 'create' : 'upsert'}`;
}
