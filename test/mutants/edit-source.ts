import { join, resolve } from 'node:path';
import { mutated } from './mutated.ts';
import { MUTANTS } from './mutants.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Puts a mutant's mistakes into the sources that it is in; every other one stays as it is. */
export function editSource(name: string): (source: string, path: string) => string {
  const mutant = MUTANTS.find((each) => each.name === name);
  if (mutant === undefined) throw new Error(`There is no mutant "${name}".`);
  return (source, path) => {
    const edits = mutant.edits.filter(({ file }) => path === join(ROOT, file));
    return edits.length === 0 ? source : mutated(source, edits);
  };
}
