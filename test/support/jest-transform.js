import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

// A suite that tests the tests runs another one with a mistake in its sources (`test/mutants`).
const mutant = process.env['TRUEUP_TEST_MUTANT'] ?? '';
const edit = mutant === '' ? (source) => source : (await import('../mutants/edit-source.ts')).editSource(mutant); // prettier-ignore

// Stripping replaces types with blanks, so positions in errors stay exact and no source map is
// needed. The cache key holds Node's version: the stripper ships inside Node. A mutant is in the key of what it edits alone.
export default {
  process: (source, path) => ({
    code: stripTypeScriptTypes(edit(source, path), { mode: 'strip' }),
  }),
  getCacheKey: (source, path) =>
    createHash('sha256')
      .update(process.version)
      .update(path)
      .update(edit(source, path))
      .digest('hex'),
};
