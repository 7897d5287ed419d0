import { describe, expect, test } from '@jest/globals';
import { movedParts, proposedChoice, same } from './three-way.ts';

const ROW = { from: 'src.A', steps: ['trim'] };

describe('what others changed while somebody wrote', () => {
  test('asks only about parts that others changed and that are not the same by now', () => {
    const was = { mineOnly: 1, theirsOnly: 1, both: 1, agreed: 1, gone: 1, untouched: 1 };
    const theirs = { mineOnly: 1, theirsOnly: 2, both: 2, agreed: 2, untouched: 1, made: ROW };
    const mine = { mineOnly: 9, theirsOnly: 1, both: 9, agreed: 2, gone: 1, untouched: 1 };

    const parts = movedParts(was, theirs, mine);

    expect(parts.map(({ name }) => name)).toEqual(['both', 'gone', 'made', 'theirsOnly']);
  });

  test('proposes what others have where the writer touched nothing, and nothing where both changed it', () => {
    const was = { theirsOnly: 1, both: 1, gone: 1 };
    const mine = { theirsOnly: 1, both: 9, gone: 1 };

    const parts = movedParts(was, { theirsOnly: 2, both: 2, made: ROW }, mine);

    expect(parts.map((part) => [part.name, proposedChoice(part)])).toEqual([
      ['both', null],
      ['gone', 'theirs'],
      ['made', 'theirs'],
      ['theirsOnly', 'theirs'],
    ]);
  });

  test('the order of members is no difference, and the order of a list is one', () => {
    expect(same({ a: 1, b: ['x', 'y'] }, { b: ['x', 'y'], a: 1 })).toBe(true);
    expect(same({ steps: ['x', 'y'] }, { steps: ['y', 'x'] })).toBe(false);
    expect(same([], {})).toBe(false);
    expect(same(null, {})).toBe(false);
    expect(same({ a: undefined }, {})).toBe(true);
  });
});
