/** What can be done about a finding: give the seat to another, take it back, buy, change an agreement or a record, live with it. */
export type Remedy = 'reassign' | 'reclaim' | 'buy' | 'amend' | 'accept';

const SEATS = ['reclaim', 'reassign', 'accept'] as const satisfies Remedy[];
const RIGHTS = ['buy', 'reclaim', 'amend', 'accept'] as const satisfies Remedy[];
const RECORDS = ['amend', 'accept'] as const satisfies Remedy[];

const BY_KIND: Readonly<Record<string, readonly Remedy[]>> = {
  orphaned_seat: SEATS,
  dormant_seat: SEATS,
  early_access: SEATS,
  ghost_usage: ['buy', 'amend', 'accept'],
  soft_limit_reached: RIGHTS,
  hard_limit_reached: RIGHTS,
  exhaustion_forecast: RIGHTS,
  denial_rate: RIGHTS,
  seat_drift: RIGHTS,
  usage_spike: RIGHTS,
  usage_rise: RIGHTS,
  term_gap: RIGHTS,
  tier_inversion: ['buy', 'accept'],
  tier_proximity: ['buy', 'accept'],
  scattered_purchases: ['amend', 'buy', 'accept'],
};

/** What can be done about a kind of finding, the likeliest first; a record can be mended or lived with where nothing else is said. */
export function remediesOf(kind: string): readonly Remedy[] {
  return BY_KIND[kind] ?? RECORDS;
}
