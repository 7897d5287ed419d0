import { expect, test } from '@jest/globals';
import { valueOf } from './edit.ts';

test.each([
  ['9007199254740993', '9007199254740993'],
  ['19.90', '19.90'],
  ['1e400', '1e400'],
  ['812', 812],
  ['-0.5', -0.5],
  ['true', true],
  ['{"id":"7"}', { id: '7' }],
  ['Acme', 'Acme'],
])('a value set as %s is sent with every digit that was typed', (typed, sent) => {
  expect(valueOf(typed)).toEqual(sent);
});
