import * as z from 'zod';
import type { PositionLine } from '../canonical/position-line.ts';
import { compare, multiply, parseDecimal, toFixed, divide } from '../kernel/rational.ts';
import type { DetectionPolicy } from './detection-policy.ts';

const Share = z.number().min(0).max(1_000);
const AtHardLimit = z.enum(['warn', 'ask', 'block']);

/** What is answered to whoever asks for a right. The limits themselves are those of findings, unless a product has its own. */
export const PoolLimits = z.strictObject({
  /** What a request that would pass the hard limit meets: a warning, another person's word, or no. */
  atHardLimit: AtHardLimit.default('warn'),
  /** Days for which a granted request holds its right before its seat is seen. */
  holdDays: z.number().int().min(1).max(365).default(7),
  pools: z
    .array(
      z.strictObject({
        /** Our part number. */
        product: z.string().min(1).max(120),
        softLimitPercent: Share.optional(),
        hardLimitPercent: Share.optional(),
        atHardLimit: AtHardLimit.optional(),
        /** Rights in use that are planned for; what goes beyond needs another person's word. */
        baseline: z.number().int().min(0).optional(),
      }),
    )
    .max(1_000)
    .refine((pools) => new Set(pools.map(({ product }) => product)).size === pools.length, {
      error: 'names a product twice',
    })
    .default([]),
});
export type PoolLimits = z.infer<typeof PoolLimits>;

/** What becomes of a request: given, given with a warning, left to another person, or refused. */
type SeatVerdict = 'granted' | 'warned' | 'waiting' | 'blocked';

/** The answer to one request, with the figures that it rests on. */
export interface SeatAnswer {
  readonly verdict: SeatVerdict;
  readonly rule: 'within' | 'soft_limit' | 'hard_limit' | 'baseline' | 'unknown_rights';
  readonly product: string;
  /** Rights in use or set aside, before the request and with it; owned is null where nobody knows. */
  readonly used: string;
  readonly usedAfter: string;
  readonly owned: string | null;
  readonly reason: string;
}

type Line = Pick<
  PositionLine,
  'rightsRequired' | 'rightsReserved' | 'rightsOwned' | 'unlimited' | 'status'
>;

/** How one product is limited. */
interface Limit {
  readonly soft: number;
  readonly hard: number;
  readonly atHard: z.infer<typeof AtHardLimit>;
  readonly baseline: number | null;
}

/**
 * What a request meets: the position of its pool as it is and as it would be with what is asked for (undefined: there is no such
 * pool), under the company's policy. What needs no further right passes; a hard limit goes before a baseline, a baseline before
 * a soft limit. Where nobody knows how many rights there are, a limit that refuses asks a person instead. Pure.
 */
export function seatAnswer(
  product: string,
  lines: { readonly before: Line | undefined; readonly after: Line | undefined },
  policy: { readonly limits: PoolLimits; readonly detection: DetectionPolicy },
): SeatAnswer {
  const { before, after } = lines;
  const limit = limitOf(product, policy);
  const [used, usedAfter] = [usedOf(before), usedOf(after)];
  const owned = after?.rightsOwned ?? null;
  const answer = (verdict: SeatVerdict, rule: SeatAnswer['rule'], reason: string): SeatAnswer => ({
    verdict,
    rule,
    product,
    used,
    usedAfter,
    owned,
    reason,
  });
  const isMore = compare(parseDecimal(usedAfter), parseDecimal(used)) > 0;
  if (after !== undefined && !isMore)
    return answer('granted', 'within', `It needs no further right of ${product}.`);
  const ofOwned = `${usedAfter} of ${owned ?? 'an unknown number of'} rights of ${product} would be in use`;
  const isUnlimited = after?.unlimited ?? false;
  if (!isUnlimited && (owned === null || after?.status === 'indeterminate'))
    return answer(
      limit.atHard === 'warn' ? 'warned' : 'waiting',
      'unknown_rights',
      `Nobody can say how many rights of ${product} there are.`,
    );
  if (!isUnlimited && isBeyond(usedAfter, owned ?? '0', limit.hard, 'more'))
    return answer(
      ({ warn: 'warned', ask: 'waiting', block: 'blocked' } as const)[limit.atHard],
      'hard_limit',
      `${ofOwned}, ${percentText(usedAfter, owned)}; the hard limit is ${limit.hard} %.`,
    );
  if (limit.baseline !== null && isBeyond(usedAfter, String(limit.baseline), 100, 'more'))
    return answer('waiting', 'baseline', `${ofOwned}; ${limit.baseline} are planned for.`);
  if (!isUnlimited && isBeyond(usedAfter, owned ?? '0', limit.soft, 'reached'))
    return answer(
      'warned',
      'soft_limit',
      `${ofOwned}, ${percentText(usedAfter, owned)}; the soft limit is ${limit.soft} %.`,
    );
  return answer('granted', 'within', `${ofOwned}.`);
}

function limitOf(
  product: string,
  { limits, detection }: { readonly limits: PoolLimits; readonly detection: DetectionPolicy },
): Limit {
  const own = limits.pools.find((each) => each.product === product);
  return {
    soft: own?.softLimitPercent ?? detection.softLimitPercent,
    hard: own?.hardLimitPercent ?? detection.hardLimitPercent,
    atHard: own?.atHardLimit ?? limits.atHardLimit,
    baseline: own?.baseline ?? null,
  };
}

/** What is set aside is used, even while nobody uses it. */
function usedOf(line: Line | undefined): string {
  if (line === undefined) return '0';
  const { rightsRequired, rightsReserved } = line;
  return compare(parseDecimal(rightsRequired), parseDecimal(rightsReserved)) >= 0
    ? rightsRequired
    : rightsReserved;
}

function isBeyond(used: string, owned: string, percent: number, how: 'more' | 'reached'): boolean {
  const limit = multiply(parseDecimal(owned), parseDecimal(plain(percent)));
  const order = compare(multiply(parseDecimal(used), parseDecimal('100')), limit);
  return how === 'more' ? order > 0 : order >= 0;
}

/** A percentage such as 0.0000001 has an exponent in JavaScript's own words. */
function plain(percent: number): string {
  return percent.toFixed(6);
}

function percentText(used: string, owned: string | null): string {
  if (owned === null || owned === '0') return 'with none owned';
  const share = divide(multiply(parseDecimal(used), parseDecimal('100')), parseDecimal(owned));
  return `${toFixed(share, 1)} %`;
}
