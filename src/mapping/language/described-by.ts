import type { JsonObject } from '../../kernel/hash.ts';
import type { FieldDescription } from '../../sdk/define-connector.ts';
import type { DescribedObject } from './described.ts';

/** An object as its system describes it, with the names that some of its landed records hold beside that. */
export function describedBy(
  fields: readonly FieldDescription[],
  records: readonly JsonObject[] = [],
): DescribedObject {
  return {
    fields: Object.fromEntries(
      fields.map(({ name, label, type, picklist, custom, readOnly }) => [
        name,
        { label, type, options: picklist, custom, readOnly },
      ]),
    ),
    seen: [...new Set(records.flatMap((record) => Object.keys(record)))],
  };
}
