import type { LocalDate } from '../../kernel/dates.ts';
import { StaleError, ValidationError } from '../../kernel/errors.ts';

/** A decision about which version of a rule set holds, as far as dates go. */
export interface RuleDecision {
  readonly number: number;
  /** Null: the set states nothing any more. */
  readonly version: string | null;
  readonly effectiveFrom: LocalDate;
  /** The version that it takes back; null for an activation. */
  readonly rolledBackFrom: string | null;
}

/** The days on which one decision holds, half-open. */
export interface RuleTerm extends RuleDecision {
  readonly until: LocalDate | null;
}

/** Which decision holds when, oldest first: what was decided last holds from its date on, whatever was to come after it. */
export function termsOf(decisions: readonly RuleDecision[]): readonly RuleTerm[] {
  const held: RuleDecision[] = [];
  for (const decision of inOrder(decisions)) {
    while ((held.at(-1)?.effectiveFrom ?? '') >= decision.effectiveFrom) held.pop();
    held.push(decision);
  }
  return held.map((each, at) => ({ ...each, until: held[at + 1]?.effectiveFrom ?? null }));
}

/** The version in force on a day; null where the set states nothing on it. */
export function versionOn(decisions: readonly RuleDecision[], day: LocalDate): string | null {
  const term = termsOf(decisions).find(
    ({ effectiveFrom, until }) => effectiveFrom <= day && (until === null || day < until),
  );
  return term?.version ?? null;
}

/**
 * What a roll-back of the newest version comes to: the version that it brings back (null: the set states nothing) and from when.
 * It does not reach back: a version that was in force until today was in force. Throws StaleError where there is nothing to
 * take back, and ValidationError for a version that was never in force before.
 */
export function rollBackOf(
  decisions: readonly RuleDecision[],
  { today, to }: { readonly today: LocalDate; readonly to: string | null },
): { readonly version: string | null; readonly rolledBackFrom: string; readonly from: LocalDate } {
  const standing = standingOf(decisions);
  const top = standing.at(-1);
  if (top === undefined)
    throw new StaleError('No version of this rule set is in force or about to be.');
  const earlier = standing.slice(0, -1).map(({ version }) => version);
  if (to !== null && !earlier.includes(to))
    throw new ValidationError(
      `Version ${to} was not in force before ${top.version}. ${earlier.length === 0 ? 'No version was.' : `Earlier ones: ${[...new Set(earlier)].join(', ')}.`}`,
    );
  return {
    version: to ?? earlier.at(-1) ?? null,
    rolledBackFrom: top.version,
    from: top.from > today ? top.from : today,
  };
}

/** Versions that were activated one over the other and not taken back, the newest last. */
function standingOf(
  decisions: readonly RuleDecision[],
): readonly { readonly version: string; readonly from: LocalDate }[] {
  const standing: { version: string; from: LocalDate }[] = [];
  for (const { version, effectiveFrom, rolledBackFrom } of inOrder(decisions)) {
    if (rolledBackFrom !== null) {
      standing.pop();
      while (standing.length > 0 && standing.at(-1)?.version !== version) standing.pop();
      continue;
    }
    // What was to come later does not come any more.
    while ((standing.at(-1)?.from ?? '') > effectiveFrom) standing.pop();
    if (version !== null) standing.push({ version, from: effectiveFrom });
  }
  return standing;
}

function inOrder(decisions: readonly RuleDecision[]): readonly RuleDecision[] {
  return decisions.toSorted((left, right) => left.number - right.number);
}
