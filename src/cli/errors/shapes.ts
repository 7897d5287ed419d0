/** Money as the API writes it. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

/** A cause as the API lists it. */
export interface ErrorGroup {
  readonly id: string;
  readonly class: string;
  readonly state: string;
  readonly system: string;
  readonly object: string;
  readonly code: string;
  readonly field: string | null;
  readonly mappingId: string | null;
  readonly message: string;
  readonly count: number;
  readonly records: number;
  readonly money: readonly Money[];
  readonly owner: { readonly name: string } | null;
  readonly ownedBy: string | null;
  readonly ignored: { readonly until: string; readonly reason: string; readonly by: string } | null;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly advice: string;
}

export interface ErrorMember {
  readonly id: string;
  readonly record: string;
  readonly message: string;
  readonly attempts: number;
  readonly since: string;
  readonly planId: string | null;
}

export interface Retried {
  readonly records: number;
  readonly intents: number;
  readonly work: number;
}

/** Amounts in words. */
export function moneyText(money: readonly Money[]): string | null {
  if (money.length === 0) return null;
  return money.map(({ amount, currency }) => `${amount} ${currency}`).join(', ');
}
