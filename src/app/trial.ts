import { ValidationError } from '../kernel/errors.ts';
import type { ConnectionCheck } from '../sdk/define-connector.ts';

/** What becomes of a connection whose trial fails: nothing is kept, unless it is forced. */
export interface TrialOptions {
  /** False keeps what is given without trying it. */
  readonly check: boolean;
  /** Keep it even if nobody can sign in or read now. */
  readonly force: boolean;
}

/**
 * Tries a connection before it is kept, by `tryIt`, and gives what that gave; null when it was not tried, or by force not
 * reached. Throws what `tryIt` throws, and a ValidationError when not one stream can be read.
 */
export async function trial<T extends { readonly checks: readonly ConnectionCheck[] }>(
  connection: string,
  { check, force }: TrialOptions,
  tryIt: (options: { readonly mustLogin: boolean }) => Promise<T>,
): Promise<T | null> {
  if (!check) return null;
  try {
    const tried = await tryIt({ mustLogin: !force });
    if (!force) requireReadable(connection, tried.checks);
    return tried;
  } catch (error) {
    if (!force) throw error;
    return null;
  }
}

function requireReadable(connection: string, checks: readonly ConnectionCheck[]): void {
  const reads = checks.filter(({ name }) => name.startsWith('read '));
  if (reads.length === 0 || reads.some(({ ok }) => ok)) return;
  const problems = reads.map(({ name, detail, fix }) => ({
    pointer: `/checks/${name.slice('read '.length)}`,
    message: detail,
    ...(fix === null ? {} : { hint: fix }),
  }));
  throw new ValidationError(
    `"${connection}" can read nothing, so nothing was kept. Mend what is named, or keep it all the same with --force.`,
    { details: { problems } },
  );
}
