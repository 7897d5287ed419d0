/**
 * What must have happened somewhere in a run of many seeds: a simulator in which it never rains proves nothing. The
 * vendor in whose seeds it happens comes first; `any` where every vendor's will do.
 */
const PUSH_POINTS = [
  'leased',
  'intent_saved',
  'sent',
  'responded',
  'recorded',
  'read_back',
] as const;
const WRITE_KINDS = ['create', 'update', 'upsert', 'collection'] as const;

/** A death at a named moment of a write of a kind. */
type Death = `${(typeof WRITE_KINDS)[number]}s that died at push.${(typeof PUSH_POINTS)[number]}`;

const DEATHS: readonly Death[] = WRITE_KINDS.flatMap((kind) => PUSH_POINTS.map((point) => `${kind}s that died at push.${point}` as const)); // prettier-ignore

/** Which of the deaths that must happen this is; `what` says what was under way (`Contract upsert`). */
export function deathAt(point: string, what: string): Death | null {
  const kind = what.split(' ').at(-1) ?? '';
  return DEATHS.find((death) => death === `${kind}s that died at ${point}`) ?? null;
}

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
  writing: DEATHS,
  scim: ['directory deletions', 'deactivations', 're-creations'],
} as const;

export type Happening = (typeof HAPPENINGS)[keyof typeof HAPPENINGS][number];

export type Tally = Partial<Record<Happening | 'calls' | 'changes', number>>;

/** Counts one more of these, or so many. */
export function count(tally: Tally, what: keyof Tally, times = 1): void {
  tally[what] = (tally[what] ?? 0) + times;
}

/** The kinds of happening that are not among these: of what is written, or of what is read. */
export function neverHappened(
  sums: Readonly<Record<string, number>>,
  part: 'reading' | 'writing',
): readonly Happening[] {
  const { writing, ...reading } = HAPPENINGS;
  return [...(part === 'writing' ? writing : Object.values(reading).flat())].filter(
    (name) => (sums[name] ?? 0) === 0,
  );
}
