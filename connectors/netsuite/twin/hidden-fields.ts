import type { Faults } from '../../../src/sdk/twin-kit/faults.ts';
import type { Fields, RecordType } from './schema-fields.ts';

/** A field that the account no longer shows, on one object or on all. */
export interface HiddenField {
  readonly object: string | null;
  readonly field: string;
}

/** A record type less the fields that are hidden on it. */
export function without(
  type: RecordType | undefined,
  hidden: readonly HiddenField[],
): RecordType | undefined {
  if (type === undefined) return undefined;
  const names = hidden
    .filter(({ object }) => object === null || object === type.object)
    .map(({ field }) => field.toLowerCase());
  if (names.length === 0) return type;
  const shown = (fields: Fields): Fields =>
    Object.fromEntries(
      Object.entries(fields).filter(([name]) => !names.includes(name.toLowerCase())),
    );
  return {
    ...type,
    fields: shown(type.fields),
    ...(type.lines === undefined ? {} : { lines: shown(type.lines) }),
  };
}

/** The fields that the fault plan takes out of the account's schema (`hide_field`). */
export function hiddenFields(faults: Faults): readonly HiddenField[] {
  return faults.plan().rules.flatMap((rule): readonly HiddenField[] => {
    const field = rule.with?.['field'];
    return rule.action === 'hide_field' && typeof field === 'string'
      ? [{ object: rule.match.object ?? null, field }]
      : [];
  });
}
