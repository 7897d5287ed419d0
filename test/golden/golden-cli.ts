import { loadRegistry } from '../../src/registry/load-registry.ts';
import { checkCase } from './check-scenario.ts';
import { goldenScenarios } from './scenarios.ts';

// Every golden case, one line each, and how many passed.
const { metrics } = await loadRegistry();
let failed = 0;
const scenarios = await goldenScenarios();
for (const scenario of scenarios) {
  const wrong = scenario.cases.flatMap((each) =>
    checkCase(scenario, each, metrics).map((problem) => `  ${each.name}: ${problem}`),
  );
  if (wrong.length > 0) failed += 1;
  process.stdout.write(
    `${scenario.id} ${wrong.length === 0 ? 'passed' : 'FAILED'}: ${scenario.title}\n${wrong.map((line) => `${line}\n`).join('')}`,
  );
}
process.stdout.write(`${scenarios.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
