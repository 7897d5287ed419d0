import { addDays } from '../../kernel/dates.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { PlantedDrift } from '../../sdk/define-twin.ts';
import { TODAY } from '../instants.ts';
import { bought, CONTRACTS } from './bought.ts';
import {
  ofOwnPool,
  planting,
  times,
  type Planter,
  type Planting,
  type SaidRecord,
} from './planting.ts';

const said = (noun: SaidRecord['noun'], body: JsonObject): SaidRecord => ({ connection: CONTRACTS, noun, body }); // prettier-ignore
/** In percent. */
const CAP = 5;

/** A product that was renewed at a price, under an agreement that caps the rise or does not. */
function renewal(sku: string, percent: number, days: number, capped = true): readonly SaidRecord[] {
  const agreementRef = `AG-${sku}`;
  const renewedOn = addDays(TODAY, -days);
  return [
    said('agreement', {
      externalRef: agreementRef,
      number: agreementRef,
      posture: 'licensee',
      ...(capped ? { upliftPolicyRef: 'cap' } : {}),
    }),
    ...bought(sku, 'user_subscription', [
      { quantity: 20, from: addDays(renewedOn, -365), to: renewedOn, unitPrice: '100', agreementRef },
      { quantity: 20, from: renewedOn, to: addDays(renewedOn, 365), unitPrice: String(100 + percent), agreementRef },
    ]),
  ]; // prettier-ignore
}

/** Renewals that rose by more than their agreement allows, by what it allows, and without any cap. */
function uplifts({ prng, cases }: Planter): Planting {
  const broken = times(cases(), (at) => ({ sku: `UPLIFT-${at}`, percent: prng.int(CAP + 1, 18), days: prng.int(1, 26) })); // prettier-ignore
  return planting({
    records: [
      said('upliftPolicy', { externalRef: 'cap', index: 'cpi', floorPct: '0', capPct: String(CAP) }),
      ...broken.flatMap(({ sku, percent, days }) => renewal(sku, percent, days)),
      ...renewal('UPLIFT-AT-CAP', CAP, 20),
      ...renewal('UPLIFT-LESS', -3, 20),
      ...renewal('UPLIFT-FREE', 30, 20, false),
    ],
    planted: broken.map(({ sku, percent, days }): PlantedDrift => {
      const id = `ent:contracts:${sku}/2/1`;
      const note = `The price rose by ${percent} %, the agreement allows ${CAP} %.`;
      return { kind: 'uplift_breach', subject: { type: 'Entitlement', id }, sku, note, since: addDays(TODAY, -days) };
    }),
  }); // prettier-ignore
}

/** A product with two volume prices: up to a hundred, and above. */
function tiered(sku: string, owned: number, prices: readonly [string, string]): readonly SaidRecord[] {
  const scheduleRef = `TIERS-${sku}`;
  return [
    ...bought(sku, 'user_subscription', [{ quantity: owned, from: '2025-06-01' }]),
    said('priceSchedule', { externalRef: scheduleRef, skuCode: sku, currency: 'EUR', model: 'volume' }),
    said('priceTier', { externalRef: `${scheduleRef}/1`, scheduleRef, tierNumber: 1, upTo: '100', unitAmount: prices[0] }),
    said('priceTier', { externalRef: `${scheduleRef}/2`, scheduleRef, tierNumber: 2, unitAmount: prices[1] }),
  ];
} // prettier-ignore

/** Quantities for which more would cost less, those just below a tier, and those that are neither. */
function tiers({ prng, cases }: Planter): Planting {
  const inverted = times(cases(), (at) => ({ sku: `TIER-LESS-${at}`, owned: prng.int(85, 100) }));
  const near = times(cases(), (at) => ({ sku: `TIER-NEAR-${at}`, owned: prng.int(96, 99) }));
  return planting({
    records: [
      ...inverted.flatMap(({ sku, owned }) => tiered(sku, owned, ['10.00', '8.00'])),
      ...near.flatMap(({ sku, owned }) => tiered(sku, owned, ['10.00', '9.95'])),
      ...tiered('TIER-FAR', 60, ['10.00', '8.00']),
      ...tiered('TIER-BELOW', 95, ['10.00', '9.95']),
      ...tiered('TIER-ABOVE', 130, ['10.00', '8.00']),
    ],
    planted: [
      ...inverted.map(({ sku, owned }) => ofOwnPool('tier_inversion', sku, `101 cost less than ${owned}.`)),
      ...near.map(({ sku, owned }) => ofOwnPool('tier_proximity', sku, `${owned} are owned, the next tier begins at 101.`)),
    ],
  }); // prettier-ignore
}

/** What is wrong with prices that were agreed. */
export function plantPrices(planter: Planter): Planting {
  const [rose, steps] = [uplifts(planter), tiers(planter)];
  return planting({
    records: [...rose.records, ...steps.records],
    planted: [...rose.planted, ...steps.planted],
  });
}
