import type { Json } from '../kernel/hash.ts';

/**
 * A pure step of a field mapping: `steps: [trim, { default: src.CloseDate }]`. One file below
 * `mappings/transforms/`, its file name is the step's name.
 */
export interface TransformDefinition {
  readonly name: string;
  readonly description: string;
  /** True if the step takes an argument (`{ name: argument }`), false if it stands alone. */
  readonly takesArgument: boolean;
  /**
   * Turns one value into another. `null` stands for "no value" in and out.
   * Throws a ValidationError that names what it could not read; the record is then quarantined.
   */
  apply(value: Json, argument: Json): Json;
}

/** Declares a transform. The registry checks the shape at start and names the file that does not fit. */
export function defineTransform(definition: TransformDefinition): TransformDefinition {
  return definition;
}
