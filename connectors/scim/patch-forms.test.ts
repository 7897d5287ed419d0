import { describe, expect, test } from '@jest/globals';
import { patchOf, type Change } from './patch-forms.ts';

const off: Change = { kind: 'set', attribute: 'active', to: false };
const join: Change = { kind: 'add', attribute: 'members', item: { value: 'u-1' } };
const leave: Change = { kind: 'remove', attribute: 'members', value: 'u-1' };
const seat: Change = { kind: 'remove', attribute: 'entitlements', value: 'A "B"' };

describe('F-72: a change in the form that its directory is sure to take', () => {
  test('strict: the path of RFC 7644, in lower case', () => {
    expect([off, join, leave].map((change) => patchOf('strict', change))).toEqual([
      { op: 'replace', path: 'active', value: false },
      { op: 'add', path: 'members', value: [{ value: 'u-1' }] },
      { op: 'remove', path: 'members[value eq "u-1"]' },
    ]);
  });

  test('Okta: active without a path', () => {
    expect(patchOf('okta', off)).toEqual({ op: 'replace', value: { active: false } });
    expect(patchOf('okta', leave)).toEqual(patchOf('strict', leave));
  });

  test('Entra: capital operations, booleans as words, members removed by value', () => {
    expect([off, join, leave].map((change) => patchOf('entra', change))).toEqual([
      { op: 'Replace', path: 'active', value: 'False' },
      { op: 'Add', path: 'members', value: [{ value: 'u-1' }] },
      { op: 'Remove', path: 'members', value: [{ value: 'u-1' }] },
    ]);
  });

  test('no directory but Entra is sent a remove that would mean every member', () => {
    for (const as of ['strict', 'okta'] as const)
      expect(patchOf(as, leave)).not.toMatchObject({ path: 'members' });
  });

  test('a value with quotes stays one value', () => {
    expect(patchOf('strict', seat)).toEqual({
      op: 'remove',
      path: 'entitlements[value eq "A \\"B\\""]',
    });
  });
});
