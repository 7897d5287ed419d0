import { defineTransform } from '../../src/sdk/define-transform.ts';
import { ValidationError, type Json, type JsonObject } from '../../src/sdk/kernel.ts';
import { readText } from '../../src/sdk/read-value.ts';

function isMap(choices: Json): choices is JsonObject {
  return typeof choices === 'object' && choices !== null && !Array.isArray(choices);
}

function pick(value: Json, choices: Json): Json {
  if (!isMap(choices)) throw new ValidationError('expected a map such as { A: draft, B: active }');
  if (value === null) return null;
  const key = readText(value);
  return Object.hasOwn(choices, key) ? (choices[key] ?? null) : null;
}

export default defineTransform({
  name: 'pick',
  description: 'replaces a value by the entry of the given map; what is not in it has no value',
  takesArgument: true,
  apply: pick,
});
