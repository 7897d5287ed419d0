import { defineTransform } from '../../src/sdk/define-transform.ts';
import { addMonths } from '../../src/sdk/kernel.ts';
import { readDate, readInteger } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'add-months',
  description: 'moves a date by a number of months, to the end of shorter ones',
  takesArgument: true,
  apply: (value, months) =>
    value === null || value === '' || months === null
      ? null
      : addMonths(readDate(value), readInteger(months)),
});
