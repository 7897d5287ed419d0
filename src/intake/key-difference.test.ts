import { describe, expect, test } from '@jest/globals';
import { differenceOf } from './key-difference.ts';

const held = (id: string, stamp: string | null, deleted = false) => ({ id, stamp, deleted });

describe('the difference between what a source lists and what we hold', () => {
  test('names what is missing, what is stale and what is held in vain', () => {
    const listed = new Map([
      ['a', '2'],
      ['b', '2'],
      ['c', '2'],
    ]);

    const found = differenceOf(listed, [held('b', '1'), held('c', '2'), held('d', '1')]);

    expect(found).toEqual({ missing: ['a'], stale: ['b'], ahead: [], unlisted: ['d'] });
  });

  test('what is newer than the listing is ahead of it and not stale, and a tombstone may be unlisted', () => {
    const found = differenceOf(new Map([['a', '1']]), [held('a', '2'), held('b', null, true)]);

    expect(found).toEqual({ missing: [], stale: [], ahead: ['a'], unlisted: [] });
  });

  test('a record that is listed again after its tombstone is to be read', () => {
    const listed = new Map([['a', null]]);

    expect(differenceOf(listed, [held('a', null, true)]).stale).toEqual(['a']);
    expect(differenceOf(listed, [held('a', null)]).stale).toEqual([]);
  });

  test('a listing without stamps makes nothing stale', () => {
    expect(differenceOf(new Map([['a', null]]), [held('a', '1')]).stale).toEqual([]);
  });
});
