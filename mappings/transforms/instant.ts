import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readInstant } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'instant',
  description: 'reads an instant such as 2026-03-02T09:30:00Z and spells it in UTC',
  takesArgument: false,
  apply: (value) => (value === null || value === '' ? null : readInstant(value)),
});
