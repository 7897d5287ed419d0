import { NotFoundError } from '../../kernel/errors.ts';
import type { Registry } from '../../registry/load-registry.ts';
import { generateCompany } from '../../sample/company.ts';
import type { RunningTwin } from '../../sdk/define-twin.ts';
import type { FaultPlan } from '../../sdk/twin-kit/faults.ts';

/**
 * Starts the twin of a system with the sample company of a seed in it. Needs no server and no store.
 * Throws NotFoundError for a system that has no twin.
 */
export async function runTwin(
  registry: Pick<Registry, 'twin'>,
  options: {
    readonly system: string;
    readonly seed: number;
    readonly port: number;
    readonly faults?: FaultPlan | undefined;
  },
): Promise<RunningTwin> {
  const definition = await registry.twin(options.system);
  const company = generateCompany(options.seed);
  const world =
    Object.entries(company.worlds).find(([system]) => system === options.system)?.[1] ??
    definition.ownWorld?.(options.seed);
  if (world === undefined)
    throw new NotFoundError(`The sample company has no world for "${options.system}".`);
  return definition.start({
    world,
    planted: company.planted,
    port: options.port,
    startAt: `${company.today}T09:00:00.000Z`,
    seed: options.seed,
    ...(options.faults === undefined ? {} : { faults: options.faults }),
  });
}
