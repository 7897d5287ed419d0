import { defineTransform } from '../../src/sdk/define-transform.ts';
import { addDays } from '../../src/sdk/kernel.ts';
import { readDate, readInteger } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'add-days',
  description: 'moves a date by a number of days',
  takesArgument: true,
  apply: (value, days) =>
    value === null || value === '' ? null : addDays(readDate(value), readInteger(days)),
});
