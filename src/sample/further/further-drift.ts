import type { JsonObject } from '../../kernel/hash.ts';
import { generateCompany, type CompanyOptions, type SampleCompany } from '../company.ts';
import { csvText } from '../file-text.ts';
import { userRecords } from '../logins.ts';
import { createPrng } from '../prng.ts';
import { createVendorIds } from '../vendor-ids.ts';
import { plantDenials } from './plant-denials.ts';
import { plantExceptions } from './plant-exceptions.ts';
import { plantInvoices } from './plant-invoices.ts';
import { plantLimits } from './plant-limits.ts';
import { plantMetered } from './plant-metered.ts';
import { plantPeople } from './plant-people.ts';
import { plantPrices } from './plant-prices.ts';
import { plantSeatTrends } from './plant-seat-trends.ts';
import { plantSeatUse } from './plant-seat-use.ts';
import { plantSilence } from './plant-silence.ts';
import { plantTerms } from './plant-terms.ts';
import { allOf, type Planter, type SaidRecord } from './planting.ts';

/** The sample company with drift of every kind that there is, and what further systems say of it. */
export interface DriftedCompany extends Pick<
  SampleCompany,
  'seed' | 'today' | 'worlds' | 'files' | 'planted'
> {
  readonly records: readonly SaidRecord[];
  readonly later: readonly SaidRecord[];
}

const PLANTERS = {
  people: plantPeople,
  limits: plantLimits,
  trends: plantSeatTrends,
  use: plantSeatUse,
  metered: plantMetered,
  denials: plantDenials,
  silence: plantSilence,
  terms: plantTerms,
  prices: plantPrices,
  exceptions: plantExceptions,
} as const;

/** Cases of a kind: enough that one missed is seen, few enough that a company is still read in seconds. */
const CASES = { least: 4, most: 8 } as const;

/**
 * A company of one seed that is calm by itself, with four to eight cases of each further kind of drift planted in it, or
 * in what further systems say. The same seed gives the same company. Throws as `generateCompany` does.
 */
export function driftedCompany(
  seed: number,
  options: Omit<CompanyOptions, 'calm'> = {},
): DriftedCompany {
  const company = generateCompany(seed, { ...options, calm: true });
  const root = createPrng(seed).fork('further');
  const ids = createVendorIds(root.fork('ids'));
  const planterOf = (topic: string): Planter => {
    const prng = root.fork(topic);
    return { prng, ids, cases: () => prng.int(CASES.least, CASES.most) };
  };
  const added = allOf(Object.entries(PLANTERS).map(([topic, plant]) => plant(planterOf(topic))));
  const { worlds, files } = company;
  const { invoices, planted } = plantInvoices(
    planterOf('invoices'),
    worlds.netsuite.objects['invoice'] ?? [],
  );
  const employment = [...(worlds.files.objects['employment.csv'] ?? []), ...added.employment];
  const users: readonly JsonObject[] = userRecords(added.logins);
  return {
    seed: company.seed,
    today: company.today,
    worlds: {
      ...worlds,
      netsuite: withObject(worlds.netsuite, 'invoice', invoices),
      scim: withObject(worlds.scim, 'Users', [...(worlds.scim.objects['Users'] ?? []), ...users]),
      files: withObject(worlds.files, 'employment.csv', employment),
    },
    files: { ...files, 'employment.csv': csvText(employment) },
    planted: [...company.planted, ...added.planted, ...planted],
    records: added.records,
    later: added.later,
  };
}

function withObject<World extends SampleCompany['worlds']['scim']>(
  world: World,
  name: string,
  records: readonly JsonObject[],
): World {
  return { ...world, objects: { ...world.objects, [name]: records } };
}
