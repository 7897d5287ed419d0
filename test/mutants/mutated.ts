import type { Edit } from './mutant.ts';

/** A source with a mutant's edits in it. Throws when one does not apply exactly once. */
export function mutated(source: string, edits: readonly Edit[]): string {
  return edits.reduce((text, { file, find, replace }) => {
    const [before, after, ...more] = text.split(find);
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(
        `A mutant does not apply to ${file} any more: "${find}" must stand there once.`,
      );
    return `${before}${replace}${after}`;
  }, source);
}
