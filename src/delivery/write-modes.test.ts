import { describe, expect, test } from '@jest/globals';
import { modeOf, type ModeSetting } from './write-modes.ts';

const settings: readonly Pick<ModeSetting, 'scope' | 'ref' | 'mode'>[] = [
  { scope: 'connection', ref: 'erp', mode: 'observe' },
  { scope: 'agreement', ref: 'C-1', mode: 'write' },
  { scope: 'product', ref: 'NEW', mode: 'propose' },
];
const mode = (connection: string, agreement: string | null, products: readonly string[]) =>
  modeOf(settings, { connection, agreement, products }).mode;

describe('how far an effect goes', () => {
  test('where nothing is set it is written', () => {
    expect(mode('crm', null, ['A'])).toBe('write');
  });

  test('an agreement that is written is written though its connection is only observed', () => {
    expect(mode('erp', 'C-1', ['A'])).toBe('write');
    expect(mode('erp', 'C-2', ['A'])).toBe('observe');
  });

  test('a product goes before the connection, and of its agreement and itself the more careful holds', () => {
    expect(mode('erp', null, ['NEW'])).toBe('propose');
    expect(mode('erp', 'C-1', ['NEW'])).toBe('propose');
  });

  test('of several products the most careful holds for the whole record', () => {
    expect(mode('crm', null, ['A', 'NEW'])).toBe('propose');
    expect(mode('erp', null, ['A', 'NEW'])).toBe('observe');
  });
});
