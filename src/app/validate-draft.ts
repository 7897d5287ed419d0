import type * as z from 'zod';
import { ValidationError } from '../kernel/errors.ts';
import type { Registry } from '../registry/load-registry.ts';
import { connectorOf } from './connector-of.ts';
import type { ConnectionDraft } from './open-session.ts';
import { refusePushed } from './refuse-pushed.ts';

/**
 * Throws a ValidationError that lists every setting and secret that the connector does not take. It names them and says
 * what is wrong, and never quotes a value.
 */
export function validateDraft(
  registry: Registry,
  draft: ConnectionDraft & { readonly pushed?: boolean },
): void {
  refusePushed(draft);
  const connector = connectorOf(registry, draft.connector);
  const problems = [
    ...problemsOf('config', connector.config.safeParse(draft.config)),
    ...problemsOf('secrets', connector.secrets.safeParse(draft.secrets)),
  ];
  if (problems.length === 0) return;
  throw new ValidationError(`Connection "${draft.id}" is not set up as ${connector.id} needs it.`, {
    details: { problems },
  });
}

function problemsOf(part: string, result: z.ZodSafeParseResult<unknown>) {
  if (result.success) return [];
  return result.error.issues.map((issue) => ({
    pointer: ['', part, ...issue.path].map(String).join('/'),
    code: issue.code,
    message: issue.message,
  }));
}
