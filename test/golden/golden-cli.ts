import { loadRegistry } from '../../src/registry/load-registry.ts';
import { checkCase } from '../../src/licensing/scenario/check-case.ts';
import { goldenScenarios } from './scenarios.ts';
import { checkTerms, goldenTerms } from './terms.ts';

// Every golden case, one line each, and how many passed.

/** A golden case, and what it got wrong. */
interface Verdict {
  readonly id: string | undefined;
  readonly title: string | undefined;
  readonly wrong: readonly string[];
}

/** What a check says, each line with the name of its case. What breaks has failed, and the others still run. */
function told(name: string, check: () => readonly string[]): readonly string[] {
  try {
    return check().map((problem) => `  ${name}: ${problem}`);
  } catch (error) {
    return [`  ${name}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

const { metrics } = await loadRegistry();
const scenarios = (await goldenScenarios()).map((scenario): Verdict => {
  const { id, title, cases } = scenario;
  return {
    id,
    title,
    wrong: cases.flatMap((each) => told(each.name, () => checkCase(scenario, each, metrics))),
  };
});
const terms = (await goldenTerms()).map(({ id, title, cases }): Verdict => {
  return { id, title, wrong: cases.flatMap((each) => told(each.name, () => checkTerms(each))) };
});
const all = [...scenarios, ...terms].toSorted((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
for (const { id, title, wrong } of all) {
  process.stdout.write(
    `${id ?? ''} ${wrong.length === 0 ? 'passed' : 'FAILED'}: ${title ?? ''}\n${wrong.map((line) => `${line}\n`).join('')}`,
  );
}
const failed = all.filter(({ wrong }) => wrong.length > 0).length;
process.stdout.write(`${all.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
