import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** I1 nothing lost … I8 no secret outside: see the README. */
export const INVARIANTS = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8'] as const;
export type Invariant = (typeof INVARIANTS)[number];

/** What was found of the invariants after one test: those that were looked at, and what broke. */
const Verdict = z.object({
  test: z.string(),
  checked: z.array(z.enum(INVARIANTS)),
  problems: z.array(z.string()),
});
export type Verdict = z.infer<typeof Verdict>;

/** Where the tests of a run leave them; the command that prints them sets it. */
export const VERDICTS = 'TRUEUP_FAULTS_VERDICTS';

/** The verdicts that a run of tests left. */
export async function readVerdicts(folder: string): Promise<readonly Verdict[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names.map(async (name) =>
      Verdict.parse(JSON.parse(await readFile(join(folder, name), 'utf8'))),
    ),
  );
}

/** One line on several verdicts: `I1 I2 hold; I7 BROKEN; I8 not looked at`. */
export function tellVerdicts(verdicts: readonly Verdict[]): string {
  const looked = (id: Invariant): boolean => verdicts.some(({ checked }) => checked.includes(id));
  const broken = (id: Invariant): boolean =>
    verdicts.some(({ problems }) => problems.some((problem) => problem.startsWith(id)));
  const groups = [
    [INVARIANTS.filter(broken), 'BROKEN'],
    [INVARIANTS.filter((id) => looked(id) && !broken(id)), 'hold'],
    [INVARIANTS.filter((id) => !looked(id) && !broken(id)), 'not looked at'],
  ] as const;
  return groups
    .filter(([ids]) => ids.length > 0)
    .map(([ids, word]) => `${ids.length === INVARIANTS.length ? 'I1–I8' : ids.join(' ')} ${word}`)
    .join('; ');
}
