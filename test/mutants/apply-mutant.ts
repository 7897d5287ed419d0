import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { mutated } from './mutated.ts';
import { MUTANTS } from './mutants.ts';

// `node --import …/apply-mutant.ts` with TRUEUP_TEST_MUTANT: this process and its children load the sources with one
// mistake in them. No file is changed.

const root = resolve(import.meta.dirname, '../..');
const name = process.env['TRUEUP_TEST_MUTANT'];
const mutant = MUTANTS.find((each) => each.name === name);
if (mutant === undefined) throw new Error(`There is no mutant "${name}".`);

registerHooks({
  load: (url, context, next) => {
    const edits = mutant.edits.filter(({ file }) => url === pathToFileURL(join(root, file)).href);
    const loaded = next(url, context);
    if (edits.length === 0) return loaded;
    const source = readFileSync(fileURLToPath(url), 'utf8');
    return { ...loaded, source: stripTypeScriptTypes(mutated(source, edits)), format: 'module' };
  },
});
