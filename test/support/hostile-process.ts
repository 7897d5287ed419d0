import { COST, ending, PLACES } from './hostile-mappings.ts';
import { shippedSteps } from './shipped-steps.ts';

// A process of its own that meets every costly expression and says what each took, in milliseconds of processor time. The
// wall clock, and the test runner's own machinery, would say how busy they are.

const steps = await shippedSteps();
const place = PLACES['expression'];

/** The least of five runs is what the work itself takes. */
function leastCost(text: string): number {
  const costs = Array.from({ length: 5 }, () => {
    const began = process.cpuUsage();
    ending(text, steps);
    return process.cpuUsage(began).user / 1000;
  });
  return Math.min(...costs);
}

const costs = COST.map((payload) => [payload, leastCost(place?.(payload) ?? '')]);
process.stdout.write(JSON.stringify(costs));
