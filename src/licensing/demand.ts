import { addDays, contains, type LocalDate } from '../kernel/dates.ts';
import { sumQuantities } from '../kernel/quantity.ts';
import type { Fact } from '../ledger/fact.ts';
import { byAccount, reliablePersons, type AccountLink } from '../ledger/identity/identities.ts';
import type { MetricSubject } from '../sdk/define-metric.ts';
import type { Snapshot } from './snapshot.ts';
import { compareText, groupBy } from './sort.ts';

/** How long a sign of use counts as use, in days. */
const USAGE_WINDOW_DAYS = 30;

/** One record that asks for rights: a seat in force, or observed use. */
export interface Claim {
  readonly posture: 'licensor' | 'licensee';
  /** The customer's CRM account, `own` for our own people, `unknown` when the source does not say. */
  readonly ownerRef: string;
  /** The part number as the source writes it. */
  readonly skuCode: string;
  readonly record: Fact<'seatAssignment'> | Fact<'usageObservation'>;
  readonly subjectId: string;
  readonly account: Fact<'userAccount'> | undefined;
  readonly link: AccountLink | undefined;
}

/** The identity side of a snapshot, indexed once. */
export interface Subjects {
  readonly accounts: ReadonlyMap<string, Fact<'userAccount'>>;
  readonly persons: ReadonlyMap<string, AccountLink>;
}

export function indexSubjects(snapshot: Snapshot): Subjects {
  return {
    accounts: new Map(
      snapshot.accounts.map((each) => [byAccount(each.connection, each.externalRef), each]),
    ),
    persons: reliablePersons(snapshot.links),
  };
}

/** Who a login is for counting: the person behind it, or the login itself while nobody is known. */
export function subjectOf(subjects: Subjects, connection: string, accountRef: string): string {
  const key = byAccount(connection, accountRef);
  return subjects.persons.get(key)?.personKey ?? `account:${key}`;
}

/** Every record of the snapshot that asks for rights on its day (rule c.3). */
export function claimsOf(snapshot: Snapshot, subjects: Subjects): readonly Claim[] {
  const day = snapshot.demandDay ?? snapshot.asOf;
  const seats = snapshot.seats.filter(({ body }) =>
    contains({ from: body.validFrom ?? day, to: body.validTo }, day),
  );
  const usage = snapshot.usage.filter(
    ({ body }) =>
      body.subjectType === 'account' && body.kind !== 'metered' && seenLately(body.observedAt, day),
  );
  return [
    ...seats.map((seat) => claim(seat, seat.body.userAccountRef, subjects)),
    ...usage.map((use) => claim(use, use.body.subjectRef, subjects)),
  ];
}

function claim(record: Claim['record'], accountRef: string, subjects: Subjects): Claim {
  const { posture, skuCode, customerRef } = record.body;
  const key = byAccount(record.connection, accountRef);
  return {
    posture,
    ownerRef: posture === 'licensee' ? 'own' : (customerRef ?? 'unknown'),
    skuCode,
    record,
    subjectId: subjectOf(subjects, record.connection, accountRef),
    account: subjects.accounts.get(key),
    link: subjects.persons.get(key),
  };
}

function seenLately(observedAt: string, asOf: LocalDate): boolean {
  const day = new Date(observedAt).toISOString().slice(0, 10);
  return contains({ from: addDays(asOf, -USAGE_WINDOW_DAYS), to: addDays(asOf, 1) }, day);
}

/** The claims of one pool as a metric counts them: one subject per person, in the order of their ids. */
export function subjectsOf(claims: readonly Claim[]): readonly MetricSubject[] {
  const groups = groupBy(claims, (each) => each.subjectId);
  return [...groups]
    .map(([subjectId, group]) => toSubject(subjectId, group))
    .toSorted((left, right) => compareText(left.subjectId, right.subjectId));
}

function toSubject(subjectId: string, claims: readonly Claim[]): MetricSubject {
  const seats = claims.filter((each) => each.record.noun === 'seatAssignment');
  const kinds = new Set(claims.map((each) => each.account?.body.kind ?? 'unknown'));
  const evidence = claims.flatMap((each) => [
    each.record.factId,
    ...(each.account === undefined ? [] : [each.account.factId]),
  ]);
  return {
    subjectId,
    // A person who also runs a service login is still a person.
    kind:
      (['human', 'unknown', 'shared', 'service'] as const).find((kind) => kinds.has(kind)) ??
      'unknown',
    active: seats.some(isActive),
    assigned: seats.length > 0,
    quantity: sumQuantities(
      claims.map((each) => ('quantity' in each.record.body ? each.record.body.quantity : '1')),
    ),
    evidence: [...new Set(evidence)].toSorted(compareText),
  };
}

function isActive(each: Claim): boolean {
  const seatActive = each.record.noun === 'seatAssignment' && each.record.body.active;
  return seatActive && (each.account?.body.active ?? true);
}
