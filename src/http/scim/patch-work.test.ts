import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../kernel/hash.ts';
import { applyPatch } from './apply-patch.ts';
import type { Operation } from './read-patch.ts';
import { RESOURCE_TYPES } from './schemas.ts';

const MEMBERS = Array.from({ length: 50_000 }, (_, at) => `dus_${String(at).padStart(26, '0')}`);
const GROUP = { data: { displayName: 'Everybody' }, members: MEMBERS };

const any = (terms: number): string => Array.from({ length: terms }, () => 'value sw "z"').join(' or '); // prettier-ignore
const remove = (path: string): Operation => ({ op: 'remove', path, value: undefined });
const times = (count: number, operation: Operation): readonly Operation[] =>
  Array.from({ length: count }, () => operation);

describe('a PATCH that would keep the process busy for minutes', () => {
  test('on a large group is tooMany within two seconds', () => {
    const startedAt = performance.now();

    expect(() =>
      applyPatch(GROUP, times(1000, remove(`members[${any(100)}]`)), RESOURCE_TYPES.Groups),
    ).toThrow(
      expect.objectContaining({
        status: 400,
        details: { scimType: 'tooMany' },
      }) as unknown as Error,
    );
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  test('on a list that it makes long itself is tooMany', () => {
    const value: Json = Array.from({ length: 12_000 }, (_, at) => ({ value: `a${at}` }));
    const operations: readonly Operation[] = [
      { op: 'add', path: 'emails', value },
      ...times(1000, remove(`emails[${any(20)}]`)),
    ];

    expect(() =>
      applyPatch({ data: { userName: 'ada' }, members: [] }, operations, RESOURCE_TYPES.Users),
    ).toThrow(
      expect.objectContaining({
        status: 400,
        details: { scimType: 'tooMany' },
      }) as unknown as Error,
    );
  });
});

test('a thousand members that are named leave a large group in one request', () => {
  const leavers = MEMBERS.slice(0, 1000);

  const after = applyPatch(
    GROUP,
    leavers.map((id) => remove(`members[value eq "${id}"]`)),
    RESOURCE_TYPES.Groups,
  );

  expect(after.members).toEqual(MEMBERS.slice(1000));
});

test('one condition on all members of a large group is judged', () => {
  const after = applyPatch(GROUP, [remove('members[type eq "User"]')], RESOURCE_TYPES.Groups);

  expect(after.members).toEqual([]);
});
