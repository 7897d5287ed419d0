import { compileAny, type Builtins } from './builtin.ts';
import type { MappingProblem } from './language/mapping-problem.ts';
import { parseMapping, type ParseMapping } from './language/parse-mapping.ts';
import { runMappingTests, type ReadSample } from './run-mapping-tests.ts';

/**
 * Everything that can be said about a mapping file without a store: its shape, names and expressions, and whether
 * its own tests pass. Pure but for `readSample`, which reads the JSON files that tests name; without it there are the
 * shipped ones, as a mapping that came over the network has no folder.
 */
export function validateMapping(
  text: string,
  fileName: string,
  builtins: Builtins,
  readSample: ReadSample = builtins.sample,
): ParseMapping {
  const findShipped = (id: string) => builtins.find(id)?.document ?? null;
  const parsed = parseMapping(text, fileName, builtins.steps, findShipped);
  if (!parsed.ok) return parsed;
  const { document } = parsed.mapping;
  const plan = compileAny(parsed.mapping, builtins.steps);
  const results = runMappingTests(plan, document, readSample);
  const problems = results.flatMap((result, index): readonly MappingProblem[] => {
    if (result.passed) return [];
    const message = `The test "${result.name}" fails: ${result.difference ?? ''}.`;
    return [
      {
        row: null,
        pointer: `/tests/${index}`,
        code: 'test_failed',
        message,
        hint: null,
        line: null,
      },
    ];
  });
  return problems.length === 0 ? parsed : { ok: false, problems };
}
