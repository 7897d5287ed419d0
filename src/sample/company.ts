import { ValidationError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { PlantedDrift, TwinWorld } from '../sdk/define-twin.ts';
import { isWon, type Deal } from './deals.ts';
import { createErpSide, type ErpSide } from './erp-side.ts';
import { totalOf } from './figures.ts';
import { csvText, ndjsonText } from './file-text.ts';
import { TODAY } from './instants.ts';
import { createPeopleSide, type PeopleSide } from './people-side.ts';
import { createPrng, type Prng } from './prng.ts';
import { namedUserRows } from './roster.ts';
import { createSalesSide, salesforceWorld, type SalesSide } from './sales-side.ts';
import { createVendorIds, type VendorIds } from './vendor-ids.ts';

/** An open deal that a rehearsal closes, with what is to be found in the other systems afterwards. */
export interface RehearsalDeal {
  readonly opportunityId: string;
  readonly name: string;
  readonly accountId: string;
  /** The ERP customer that carries the account's id as its external id. */
  readonly customerId: string;
  readonly currency: string;
  readonly amount: string;
  readonly lines: readonly RehearsalLine[];
}

export interface RehearsalLine {
  readonly sku: string;
  /** False for services, which carry no rights. */
  readonly licensed: boolean;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly serviceFrom: string;
  /** The last day, included. */
  readonly serviceTo: string;
}

export interface SampleCompany {
  readonly seed: number;
  /** The business date on which the company lives, `YYYY-MM-DD`. */
  readonly today: string;
  readonly worlds: {
    readonly salesforce: TwinWorld;
    readonly netsuite: TwinWorld;
    readonly scim: TwinWorld;
    /** Rows of each file, by file name. */
    readonly files: TwinWorld;
  };
  /** The text of each file, by file name. */
  readonly files: Readonly<Record<string, string>>;
  /** What a perfect reconciliation finds: nothing more and nothing less. */
  readonly planted: readonly PlantedDrift[];
  readonly deals: { readonly toClose: RehearsalDeal; readonly toReopen: RehearsalDeal };
}

export interface CompanyOptions {
  /** Size against the usual company, from 0.25 to 20; the number of planted cases stays the same. */
  readonly scale?: number;
  /**
   * Nobody's rights are nearly used up, and no customer hands out seats: what such a company does by itself would be found
   * beside what is planted.
   */
  readonly calm?: boolean;
}

function rehearsalDeal(deal: Deal): RehearsalDeal {
  return {
    opportunityId: deal.opportunityId,
    name: deal.name,
    accountId: deal.account.id,
    customerId: deal.account.customerId ?? '',
    currency: deal.currency,
    amount: totalOf(deal.lines, deal.currency).amount,
    lines: deal.lines.map((line) => ({
      sku: line.product.code,
      licensed: line.product.metric !== null,
      quantity: line.quantity,
      unitPrice: line.unitPrice,
      serviceFrom: line.serviceFrom,
      serviceTo: line.serviceTo,
    })),
  };
}

interface Sides {
  readonly sales: SalesSide;
  readonly erp: ErpSide;
  readonly people: PeopleSide;
}

/** The three sides of the company, with five to twelve cases of each kind of drift. */
function createSides(prng: Prng, ids: VendorIds, scale: number, calm: boolean): Sides {
  const sized = (count: number): number => Math.round(count * scale);
  const counts = prng.fork('counts');
  const cases = (): number => counts.int(5, 12);
  const sales = createSalesSide(prng.fork('sales'), ids, {
    accounts: sized(200),
    opportunities: sized(600),
    open: sized(90),
    overlaps: cases(),
  });
  const erp = createErpSide(prng.fork('erp'), ids, sales, {
    missing: cases(),
    sku: cases(),
    quantity: cases(),
    price: cases(),
    direct: cases(),
  });
  const people = createPeopleSide(prng.fork('people'), ids, {
    users: sized(2000),
    services: 15,
    orphanRows: cases(),
    duplicates: cases(),
    strangers: cases(),
    calm,
  });
  return { sales, erp, people };
}

/** The rows of each file, by file name. */
function fileRows(
  prng: Prng,
  { sales, erp, people }: Sides,
  calm: boolean,
): Record<string, readonly JsonObject[]> {
  const undisputed = sales.deals.filter(
    (deal) => isWon(deal) && !erp.driftedDeals.has(deal.opportunityId),
  );
  return {
    'employment.csv': people.employment,
    'agreements.csv': people.agreements,
    'named-users.ndjson': namedUserRows(prng.fork('roster'), undisputed, calm),
  };
}

function fileText(name: string, rows: readonly JsonObject[]): string {
  return name.endsWith('.csv') ? csvText(rows) : ndjsonText(rows);
}

/**
 * Meridian Software, a made-up vendor of software, from one seed: what its CRM, its ERP, its directory and its
 * files hold on 2 March 2026, with drift planted in them and the list of it. The same seed gives the same company.
 * Throws ValidationError on a seed that is not a whole number or a scale out of range.
 */
export function generateCompany(seed: number, options: CompanyOptions = {}): SampleCompany {
  const scale = options.scale ?? 1;
  if (!(scale >= 0.25 && scale <= 20)) {
    throw new ValidationError(`The scale ${scale} is out of range. Give one from 0.25 to 20.`);
  }
  const calm = options.calm ?? false;
  const prng = createPrng(seed);
  const ids = createVendorIds(prng.fork('ids'));
  const sides = createSides(prng, ids, scale, calm);
  const { sales, erp, people } = sides;
  const files = fileRows(prng, sides, calm);
  return {
    seed,
    today: TODAY,
    worlds: {
      salesforce: salesforceWorld(prng.fork('crm'), ids, sales),
      netsuite: erp.world,
      scim: people.world,
      files: { objects: files, settings: {} },
    },
    files: Object.fromEntries(
      Object.entries(files).map(([name, rows]) => [name, fileText(name, rows)]),
    ),
    planted: [...sales.planted, ...erp.planted, ...people.planted],
    deals: {
      toClose: rehearsalDeal(sales.rehearsal.toClose),
      toReopen: rehearsalDeal(sales.rehearsal.toReopen),
    },
  };
}
