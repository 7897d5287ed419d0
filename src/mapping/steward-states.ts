import type { LocalDate } from '../kernel/dates.ts';
import { ALL_OF_TYPE, type Stewardship, type StewardSubject } from './stewards.ts';

/** A thing that somebody shall answer for. */
export interface OwnedSubject {
  readonly type: StewardSubject;
  readonly id: string;
  readonly title: string;
  /** What shows that it is there. */
  readonly evidence: readonly string[];
  /** What its own source says about it; what a person said here goes before. */
  readonly stated?: { readonly steward: string | null; readonly reviewDue: LocalDate | null };
}

/** A person as far as it matters here. */
export interface StewardPerson {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly status: 'active' | 'disabled';
}

/** Who answers for a thing, how that is known, and whether it is as it shall be. */
export interface StewardState extends OwnedSubject {
  readonly steward: StewardPerson | null;
  readonly reviewDue: LocalDate | null;
  /** `own` was said of the thing itself, `type` of all of its type, `source` by the system that it comes from. */
  readonly from: 'own' | 'type' | 'source' | null;
  /** Nobody is named, or only somebody who is no longer here. */
  readonly unowned: boolean;
  /** The day of its review has gone by. */
  readonly overdue: boolean;
  readonly tag: string;
}

/** Who answers for each thing today. A person who is disabled answers for nothing. */
export function stewardStates(
  subjects: readonly OwnedSubject[],
  named: readonly Stewardship[],
  people: readonly StewardPerson[],
  today: LocalDate,
): readonly StewardState[] {
  const byKey = new Map(named.map((each) => [`${each.type}/${each.id}`, each]));
  const byId = new Map(people.map((person) => [person.id, person]));
  const byEmail = new Map(people.map((person) => [person.email?.toLowerCase() ?? '', person]));
  return subjects.map((subject) => {
    const own = byKey.get(`${subject.type}/${subject.id}`);
    const ofType = byKey.get(`${subject.type}/${ALL_OF_TYPE}`);
    const stated = subject.stated?.steward ?? null;
    const known = stated === null ? undefined : (byId.get(stated) ?? byEmail.get(stated.toLowerCase())); // prettier-ignore
    const source = known === undefined ? undefined : { personId: known.id };
    const [from, chosen] = firstNamed({ own, source, type: ofType });
    const steward = byId.get(chosen?.personId ?? '') ?? null;
    const reviewDue = own?.reviewDue ?? subject.stated?.reviewDue ?? ofType?.reviewDue ?? null;
    return {
      ...subject,
      steward,
      reviewDue,
      from,
      unowned: steward?.status !== 'active',
      overdue: reviewDue !== null && reviewDue < today,
      tag: own?.tag ?? 'none',
    };
  });
}

type Named = { readonly personId: string | null } | undefined;

function firstNamed(
  candidates: Readonly<Record<'own' | 'source' | 'type', Named>>,
): readonly ['own' | 'source' | 'type' | null, Named] {
  for (const from of ['own', 'source', 'type'] as const) {
    const candidate = candidates[from];
    if (candidate !== undefined && candidate.personId !== null) return [from, candidate];
  }
  return [null, undefined];
}
