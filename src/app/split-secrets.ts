import { HOOK_SECRET, parseHookSecrets } from '../security/hook-secrets.ts';

/** Secrets as a person gives them, taken apart: what the connector needs, and what signs pushes. */
export interface SplitSecrets {
  readonly own: Readonly<Record<string, string>>;
  /** Undefined when none was given. */
  readonly hook: readonly string[] | undefined;
}

/** Takes the secret of pushes out of those of the connector. Throws a ValidationError when it has the wrong form. */
export function splitSecrets(secrets: Readonly<Record<string, string>>): SplitSecrets {
  const { [HOOK_SECRET]: hook, ...own } = secrets;
  return { own, hook: hook === undefined ? undefined : parseHookSecrets(hook) };
}
