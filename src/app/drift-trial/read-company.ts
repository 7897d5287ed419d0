import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../kernel/hash.ts';
import type { Builtins } from '../../mapping/builtin.ts';
import type { Registry } from '../../registry/load-registry.ts';
import type { DriftedCompany } from '../../sample/further/further-drift.ts';
import type { OpenSessionDeps } from '../open-session.ts';
import { inboundPlans, mapSource } from './map-source.ts';
import { readSource } from './read-source.ts';
import type { Statement, TrialLedger } from './trial-ledger.ts';
import { TRIAL_NOUNS } from './trial-world.ts';

/** The twins that a trial reads, by their role; the connection bears the system's name. */
const TWINS = { salesforce: 'crm', netsuite: 'erp', scim: 'directory' } as const;
const FILES = 'file';

/** What each connection of a trial is to the business. */
export const TRIAL_ROLES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(TWINS),
  [FILES, 'file'],
]);

interface TrialDeps extends OpenSessionDeps {
  readonly registry: Registry;
  readonly mappings: Builtins;
}

interface Access {
  readonly config: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Reads a company as a tenant's first pull does: twins that are started for it and stopped again, through the
 * connectors, by the shipped mappings. What further systems say comes as the canonical records that they give.
 */
export async function readCompany(
  deps: TrialDeps,
  company: DriftedCompany,
  ledger: TrialLedger,
  knownAt: string,
): Promise<void> {
  for (const system of Object.keys(TWINS) as (keyof typeof TWINS)[]) {
    const twin = await (
      await deps.registry.twin(system)
    ).start({
      world: company.worlds[system],
      planted: [],
      port: 0,
      startAt: `${company.today}T09:00:00.000Z`,
      seed: company.seed,
    });
    try {
      const held = Object.keys(company.worlds[system].objects);
      ledger.record(await read(deps, system, twin.credentials, held), knownAt);
    } finally {
      await twin.stop();
    }
  }
  ledger.record(await readFiles(deps, company), knownAt);
  ledger.record(company.records.map(saidBy), knownAt);
}

/** A record of a system that no twin stands for. */
export function saidBy({ connection, noun, body }: DriftedCompany['records'][number]): Statement {
  return { connection, noun, body, lineage: null };
}

async function readFiles(deps: TrialDeps, company: DriftedCompany): Promise<readonly Statement[]> {
  const directory = await mkdtemp(join(tmpdir(), 'trueup-drift-'));
  try {
    for (const [name, text] of Object.entries(company.files))
      await writeFile(join(directory, name), text, { mode: 0o600 });
    const held = Object.keys(company.files).map((name) => name.replace(/\.\w+$/, ''));
    return await read(deps, FILES, { config: { directory }, secrets: {} }, held);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Everything that a system holds and a reconciliation looks at, mapped. */
async function read(
  deps: TrialDeps,
  system: string,
  access: Access,
  held: readonly string[],
): Promise<readonly Statement[]> {
  const plans = inboundPlans(deps.mappings, system).filter(({ target }) =>
    TRIAL_NOUNS.has(target.noun),
  );
  const asked = new Set(
    plans.flatMap(({ source, includes }) => [source, ...includes].map(({ stream }) => stream)),
  );
  const draft = { id: system, connector: system, ...access, allowPrivateNetwork: true };
  const records = await readSource(
    deps,
    draft,
    held.filter((stream) => asked.has(stream)),
  );
  return mapSource(plans, system, records, deps.clock.now().toISOString());
}
