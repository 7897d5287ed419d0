import * as z from 'zod';
import { NotFoundError, ValidationError } from '../../kernel/errors.ts';
import type { Registry } from '../../registry/load-registry.ts';
import { evaluateScenario, type Evaluation } from '../../licensing/scenario/evaluate.ts';
import { Scenario } from '../../licensing/scenario/scenario.ts';

export type { Evaluation };

/**
 * Computes what a scenario document comes to, or one of its cases by name. No store is touched. Throws ValidationError, with
 * each place that does not fit, for a document that is none, and NotFoundError for a case that it does not have.
 */
export function evaluateScenarioDocument(
  { metrics }: Pick<Registry, 'metrics'>,
  text: string,
  caseName: string | null,
): Evaluation {
  const scenario = parseScenario(text);
  if (caseName === null) return evaluateScenario(scenario, metrics);
  const variant = scenario.cases.find(({ name }) => name === caseName);
  if (variant === undefined)
    throw new NotFoundError(
      `The scenario has no case "${caseName}". Cases: ${scenario.cases.map(({ name }) => name).join(', ') || 'none'}.`,
    );
  return evaluateScenario(scenario, metrics, variant);
}

/** The JSON Schema of a scenario document. */
export function scenarioSchema(): object {
  return z.toJSONSchema(Scenario, { io: 'input', reused: 'ref' });
}

/** Reads a scenario document. Throws ValidationError. */
export function parseScenario(text: string): Scenario {
  const parsed = Scenario.safeParse(documentOf(text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => ({
    path: `/${path.join('/')}`,
    message,
  }));
  throw new ValidationError(
    `The scenario does not fit its schema (trueup schema scenario): ${problems.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
    { details: { problems } },
  );
}

function documentOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ValidationError('The scenario is not JSON.', { cause: error });
  }
}
