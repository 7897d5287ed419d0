import type { Faults, FaultRule } from '../../../src/sdk/twin-kit/faults.ts';
import type { TwinField, TwinFieldType, TwinObject } from './schema.ts';

const TYPES: readonly TwinFieldType[] = [
  'id',
  'string',
  'reference',
  'double',
  'currency',
  'int',
  'date',
  'datetime',
  'boolean',
  'picklist',
  'textarea',
];

function isType(value: unknown): value is TwinFieldType {
  return TYPES.some((type) => type === value);
}

/** Figures of a field that became text no longer come as figures; see `renderValue`. */
function retyped(field: TwinField, rule: FaultRule): TwinField {
  const { type, addValues } = rule.with ?? {};
  const added = Array.isArray(addValues) ? addValues.map(String) : [];
  return {
    ...field,
    type: isType(type) ? type : field.type,
    picklist: [...field.picklist, ...added],
  };
}

function apply(object: TwinObject, rules: readonly FaultRule[]): TwinObject {
  const fields = new Map(object.fields);
  for (const { action, with: details, ...rest } of rules) {
    const name = details?.['field'];
    const field = typeof name === 'string' ? fields.get(name) : undefined;
    if (field === undefined) continue;
    const to = details?.['to'];
    if (action === 'hide_field') fields.delete(field.name);
    if (typeof to === 'string') fields.set(to, { ...field, name: to });
    if (action === 'retype_field')
      fields.set(field.name, retyped(field, { action, with: details, ...rest }));
  }
  return { ...object, fields };
}

/**
 * The schema as an administrator's hand changed it: `hide_field` with `{ field }` takes a field out of sight, as
 * field-level security or its removal do; `retype_field` with `{ field, type?, addValues? }` changes its type or adds
 * picklist values. With `to`, a hidden field is there under another name, and empty. In force for as long as the plan holds the rule.
 */
export function createReshaper(faults: Faults): (object: TwinObject) => TwinObject {
  let plan = faults.plan();
  let reshaped = new Map<string, TwinObject>();
  return (object) => {
    if (faults.plan() !== plan) {
      plan = faults.plan();
      reshaped = new Map();
    }
    const known = reshaped.get(object.name);
    if (known !== undefined) return known;
    const rules = plan.rules.filter(
      ({ action, match }) =>
        (action === 'hide_field' || action === 'retype_field') &&
        (match.object === undefined || match.object === object.name),
    );
    const result = rules.length === 0 ? object : apply(object, rules);
    reshaped.set(object.name, result);
    return result;
  };
}
