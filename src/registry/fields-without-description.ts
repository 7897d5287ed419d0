import { z } from 'zod';

/** The part of a JSON Schema that is walked. */
const Node = z.object({
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
  anyOf: z.array(z.unknown()).default([]),
  oneOf: z.array(z.unknown()).default([]),
  allOf: z.array(z.unknown()).default([]),
  const: z.unknown().optional(),
});

/**
 * The settings that carry no `.describe()`: administrators see descriptions, in forms and in `connections
 * describe`. Choices between several shapes are looked into; a constant that tells them apart needs none.
 */
export function fieldsWithoutDescription(schema: z.ZodType): readonly string[] {
  return [...new Set(walk(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })))];
}

function walk(value: unknown): readonly string[] {
  const parsed = Node.safeParse(value);
  if (!parsed.success) return [];
  const { properties, anyOf, oneOf, allOf } = parsed.data;
  const own = Object.entries(properties)
    .filter(([, field]) => !isDescribed(field))
    .map(([name]) => name);
  return [...own, ...[...anyOf, ...oneOf, ...allOf].flatMap(walk)];
}

function isDescribed(field: unknown): boolean {
  const node = Node.safeParse(field);
  return node.success && (node.data.description !== undefined || node.data.const !== undefined);
}
