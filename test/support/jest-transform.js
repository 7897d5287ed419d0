import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

// A suite that tests the tests runs another one with a mistake in its sources (`test/mutants`).
const mutant = process.env['TRUEUP_TEST_MUTANT'] ?? '';
const edit = mutant === '' ? (source) => source : (await import('../mutants/edit-source.ts')).editSource(mutant); // prettier-ignore

// Stripping replaces types with blanks, so positions in errors stay exact and no source map is
// needed. The cache key holds Node's version: the stripper ships inside Node.
export default {
  process: (source, path) => ({
    code: stripTypeScriptTypes(edit(source, path), { mode: 'strip' }),
  }),
  getCacheKey: (source, path) =>
    createHash('sha256')
      .update(process.version)
      .update(mutant)
      .update(path)
      .update(source)
      .digest('hex'),
};
