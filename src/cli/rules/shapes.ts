/** The path of a rule set, or of what is below it. */
export function pathOf(id: string, rest = ''): string {
  return `/rule-sets/${encodeURIComponent(id)}${rest}`;
}

/** The path of one version. */
export function versionPath(id: string, version: string, action = ''): string {
  return pathOf(id, `/versions/${encodeURIComponent(version)}${action}`);
}

export interface RuleVersion {
  readonly ruleSet: string;
  readonly version: string;
  readonly status: 'draft' | 'submitted' | 'approved';
  readonly contentHash: string;
  readonly authors: readonly string[];
  readonly submittedBy: string | null;
  readonly approvedBy: string | null;
  readonly reason: string | null;
}

export interface RuleCheck {
  readonly ok: boolean;
  readonly problems: readonly { readonly path: string; readonly message: string }[];
  readonly tests: readonly {
    readonly test: string;
    readonly case: string;
    readonly problems: readonly string[];
  }[];
}

/** What checks say, one finding a line. */
export function checkText({ ok, problems, tests }: RuleCheck): string {
  const failed = tests.filter((each) => each.problems.length > 0);
  return [
    ok ? 'It passes its checks.' : 'It does not pass its checks:',
    ...problems.map(({ path, message }) => `  ${path} ${message}`),
    ...failed.flatMap((each) =>
      each.problems.map((problem) => `  ${each.test}, ${each.case}: ${problem}`),
    ),
    `Tests: ${tests.length - failed.length} passed, ${failed.length} failed.`,
  ].join('\n');
}

export interface Term {
  readonly version: string | null;
  readonly effectiveFrom: string;
  readonly until: string | null;
  readonly rolledBackFrom: string | null;
}

/** Which version holds when, one term a line. */
export function termsText(terms: readonly Term[]): string {
  if (terms.length === 0) return 'No version of it is in force or about to be.';
  return terms
    .map(
      ({ version, effectiveFrom, until, rolledBackFrom }) =>
        `From ${effectiveFrom}${until === null ? '' : ` until before ${until}`}: ${version ?? 'states nothing'}${rolledBackFrom === null ? '' : ` (${rolledBackFrom} was taken back)`}`,
    )
    .join('\n');
}
