import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readText } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'split',
  description: 'splits a text at the argument into a list of trimmed texts',
  takesArgument: true,
  apply: (value, separator) =>
    value === null
      ? null
      : readText(value)
          .split(readText(separator))
          .map((part) => part.trim())
          .filter((part) => part !== ''),
});
