import { ValidationError } from '../kernel/errors.ts';
import type { TenantTx } from '../db/store.ts';
import type { ChangeCheck } from '../mapping/changes.ts';
import { checkAgainst } from '../mapping/check-against.ts';
import type { Builtins } from '../mapping/builtin.ts';
import type { MappingProblem } from '../mapping/language/mapping-problem.ts';
import type { Mapping } from '../mapping/language/parse-mapping.ts';
import { validateMapping } from '../mapping/validate.ts';
import { describedFor } from './described-for.ts';

/** What was looked at before a content may be asked for, and the content itself. */
export interface CheckedContent {
  readonly mapping: Mapping;
  readonly checks: readonly ChangeCheck[];
}

/**
 * Looks at a content as it would be put in effect: it fits, every required target field has a row, its own tests pass.
 * Throws a ValidationError with `details.problems` for one that may not be asked for.
 */
export function requireSound(builtins: Builtins, text: string, name: string): CheckedContent {
  const result = validateMapping(text, name, builtins);
  if (!result.ok) throw notSound(result.problems);
  const { document } = result.mapping;
  const tests = document.tests?.length ?? 0;
  return {
    mapping: result.mapping,
    checks: [
      { name: 'fits', ok: true, detail: `${Object.keys(document.fields).length} rows` },
      { name: 'coverage', ok: true, detail: 'every required target field has a row' },
      { name: 'tests', ok: true, detail: tests === 0 ? 'it has no tests' : `${tests} pass` },
    ],
  };
}

/**
 * Holds a content to the fields that its systems were last described to have. Throws a ValidationError with
 * `details.problems` for what can never work; what may be meant is told in the check. Outbound, fields that a new record
 * there needs and no row gives are told too: an update does without them.
 */
export async function requireTyped(
  builtins: Builtins,
  tx: TenantTx,
  mapping: Mapping,
): Promise<readonly ChangeCheck[]> {
  const connections = await describedFor(tx, mapping.document);
  const found = connections.flatMap(({ described }) =>
    checkAgainst(mapping.document, described, builtins.steps),
  );
  const errors = found.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new ValidationError(
      'The mapping names what its systems do not have, so it was not submitted.',
      { details: { problems: errors } },
    );
  }
  const given = new Set(Object.keys(mapping.document.fields).map((name) => name.split('.')[0]));
  const missing = [...new Set(connections.flatMap(({ needed }) => needed))].filter(
    (name) => !given.has(name),
  );
  return [
    {
      name: 'types',
      ok: found.length === 0,
      detail:
        found.length > 0
          ? found.map(({ pointer, message }) => `${pointer}: ${message}`).join(' ')
          : connections.some(({ described }) => described.size > 0)
            ? 'every field is there, and of a kind that fits'
            : 'no system has described its fields yet',
    },
    ...(missing.length === 0
      ? []
      : [{ name: 'needed', ok: false, detail: `a new record also needs ${missing.join(', ')}` }]),
  ];
}

function notSound(problems: readonly MappingProblem[]): ValidationError {
  const red = problems.filter(({ code }) => code === 'test_failed').length;
  const message =
    red === problems.length
      ? `${red} of its own tests fail, so it was not submitted.`
      : 'The mapping does not fit, so it was not submitted.';
  return new ValidationError(message, { details: { problems } });
}
