/**
 * What must have happened somewhere in a run of many seeds: a simulator in which it never rains proves nothing. The
 * vendor in whose seeds it happens comes first; `any` where every vendor's will do.
 */
export const HAPPENINGS = {
  any: [
    'crashes',
    'zombies',
    'clocks set ahead',
    'clocks set back',
    'pushes kept',
    'pushes sent again',
    'pushes out of order',
    'pushes refused',
    'reads that a hint asked for',
    'held removals',
    'confirmed holds',
  ],
  salesforce: [
    'undeletes',
    'purges from the bin',
    'merges',
    'pages by Bulk 2.0',
    'bulk jobs that were lost',
    'changes heard',
    'gaps heard',
    'overflows heard',
    'expired places',
    'own-form pushes kept',
    'reads changed before their proof',
  ],
  netsuite: ['NetSuite deletions', 'NetSuite deletions landed'],
  scim: ['directory deletions', 'deactivations', 're-creations'],
} as const;

export type Happening = (typeof HAPPENINGS)[keyof typeof HAPPENINGS][number];

export type Tally = Partial<Record<Happening | 'calls' | 'changes', number>>;

/** Counts one more of these, or so many. */
export function count(tally: Tally, what: keyof Tally, times = 1): void {
  tally[what] = (tally[what] ?? 0) + times;
}

/** The kinds of happening that are not among these. */
export function neverHappened(sums: Readonly<Record<string, number>>): readonly Happening[] {
  return Object.values(HAPPENINGS)
    .flat()
    .filter((name) => (sums[name] ?? 0) === 0);
}
