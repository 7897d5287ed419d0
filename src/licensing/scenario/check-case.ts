import type { Metrics } from '../figures.ts';
import { evaluateScenario, type EvaluatedPosition } from './evaluate.ts';
import type { Scenario, ScenarioCase } from './scenario.ts';

/** What one case of a scenario got wrong; empty if it passes. */
export function checkCase(
  scenario: Scenario,
  variant: ScenarioCase,
  metrics: Metrics,
): readonly string[] {
  const { positions } = evaluateScenario(scenario, metrics, variant);
  return Object.entries(variant.expect).flatMap(([skuCode, expected]) => {
    const position = positions.find((each) => each.skuCode === skuCode);
    if (position === undefined) return [`${skuCode}: there is no position`];
    return Object.entries(expected).flatMap(([field, value]) => {
      const held = position[field as keyof EvaluatedPosition];
      return isWithin(value, held)
        ? []
        : [`${skuCode}.${field}: expected ${JSON.stringify(value)}, got ${JSON.stringify(held)}`];
    });
  });
}

/** An object may hold more than is expected of it; a list may not, but the objects in it may. */
function isWithin(expected: unknown, held: unknown): boolean {
  if (Array.isArray(expected))
    return (
      Array.isArray(held) &&
      held.length === expected.length &&
      expected.every((each, index) => isWithin(each, held[index]))
    );
  if (typeof expected !== 'object' || expected === null)
    return JSON.stringify(expected) === JSON.stringify(held);
  return (
    typeof held === 'object' &&
    held !== null &&
    Object.entries(expected).every(([name, value]) =>
      isWithin(value, (held as Readonly<Record<string, unknown>>)[name]),
    )
  );
}
