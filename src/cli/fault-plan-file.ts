import { readFile } from 'node:fs/promises';
import { messageOf } from '../kernel/errors.ts';
import { FaultPlan } from '../sdk/twin-kit/faults.ts';
import { UsageError } from './usage-error.ts';

/**
 * Reads a fault plan: `{ "seed": 1, "rules": [{ "match": { "path": "/query" }, "nth": 3, "action": "status", … }] }`.
 * Throws UsageError naming each place that is wrong; a plan that half works would rehearse something else.
 */
export async function readFaultPlan(path: string): Promise<FaultPlan> {
  const document = parse(path, await textOf(path));
  const plan = FaultPlan.safeParse(document);
  if (plan.success) return plan.data;
  const problems = plan.error.issues.map(
    (issue) => `/${issue.path.map(String).join('/')}: ${issue.message}`,
  );
  throw new UsageError(`The fault plan ${path} is not right: ${problems.join('; ')}.`);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`The fault plan ${path} cannot be read: ${messageOf(error)}.`);
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`The fault plan ${path} is not JSON: ${messageOf(error)}.`);
  }
}
