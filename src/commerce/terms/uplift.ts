import {
  add,
  compare,
  divide,
  multiply,
  parseDecimal,
  rational,
  toPlain,
  type Rational,
} from '../../kernel/rational.ts';

/** What a contract says of rises at renewal; percentages as decimal strings. */
export interface UpliftTerms {
  readonly index: 'cpi' | 'fixed';
  readonly fixedPct?: string | undefined;
  readonly floorPct?: string | undefined;
  readonly capPct?: string | undefined;
  /** Whether a rise is on the price that earlier rises led to, or on the first one. */
  readonly compounding: boolean;
}

/** One rise: the index as it was published, what is applied, and the price as a multiple of the first. */
export interface Rise {
  readonly indexPct: string;
  readonly appliedPct: string;
  readonly because: 'index' | 'fixed' | 'floor' | 'cap';
  readonly factor: Rational;
}

const HUNDRED = rational(100n);
const ONE = rational(1n);

function clamped(
  index: Rational,
  { floorPct, capPct }: UpliftTerms,
): Pick<Rise, 'because'> & { readonly pct: Rational } {
  // prettier-ignore
  const [floor, cap] = [floorPct, capPct].map((each) =>
    each === undefined ? null : parseDecimal(each),
  );
  if (cap !== null && cap !== undefined && compare(index, cap) > 0)
    return { pct: cap, because: 'cap' };
  if (floor !== null && floor !== undefined && compare(index, floor) < 0)
    return { pct: floor, because: 'floor' };
  return { pct: index, because: 'index' };
}

/**
 * The rises of the renewals that follow each other: the index held between floor and cap (rule c.9; G-55). Nothing is rounded
 * between them; whoever charges a price rounds once. A fixed uplift takes no index, and is held by floor and cap too.
 */
export function rises(terms: UpliftTerms, indices: readonly string[]): readonly Rise[] {
  let factor = ONE;
  return indices.map((published) => {
    const indexPct = terms.index === 'fixed' ? (terms.fixedPct ?? '0') : published;
    const { pct, because } = clamped(parseDecimal(indexPct), terms);
    const rise = divide(pct, HUNDRED);
    factor = terms.compounding ? multiply(factor, add(ONE, rise)) : add(factor, rise);
    return {
      indexPct,
      appliedPct: toPlain(pct, 4),
      because: because === 'index' ? (terms.index === 'fixed' ? 'fixed' : 'index') : because,
      factor,
    };
  });
}
