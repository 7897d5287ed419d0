import { describe, expect, test } from '@jest/globals';
import type { PlannedWrite } from './shown-status.ts';
import { statusWords } from './status-words.ts';

const nothing = { writes: [], problems: [] };
const write = (state: PlannedWrite['state'], message: string | null = null): PlannedWrite => ({ connection: 'erp', object: 'salesOrder', state, readBack: state === 'APPLIED', vendorId: null, error: message === null ? null : { code: 'x', message } }); // prettier-ignore

describe('what a record shows of its plan', () => {
  test('is what is missing where it is blocked, and who has to do something where it waits', () => {
    const blocked = statusWords({ kind: 'closed_won', status: 'blocked' }, { writes: [], problems: ['No account in the ERP.', 'No price.'] }, 255); // prettier-ignore

    expect(blocked).toEqual({ status: 'Blocked', message: 'No account in the ERP. No price.' });
    expect(statusWords({ kind: 'closed_won', status: 'waiting' }, nothing, 255).message).toContain(
      'right to approve',
    );
    expect(statusWords({ kind: 'reopen', status: 'waiting' }, nothing, 255).message).toMatch(
      /^The deal was reopened\. /,
    );
  });

  test('is what the other side refused, before how far the rest is', () => {
    const applying = { kind: 'closed_won', status: 'applying' } as const;

    expect(statusWords(applying, { problems: [], writes: [write('APPLIED'), write('SENT')] }, 255).message).toBe('1 of 2 records are written and were read back.'); // prettier-ignore
    expect(statusWords(applying, { problems: [], writes: [write('APPLIED'), write('QUARANTINED', 'The period is closed.')] }, 255)).toEqual({ status: 'Refused', message: 'erp refused salesOrder: The period is closed.' }); // prettier-ignore
    expect(statusWords(applying, { problems: [], writes: [write('CONFLICT')] }, 255).message).toBe('erp holds something else in salesOrder'); // prettier-ignore
  });

  test.each(['reversal', 'cancellation'] as const)('of a %s says that it is being taken back, and at the end what was left', (kind) => {
    const told = (status: 'waiting' | 'approved' | 'rejected') => statusWords({ kind, status }, nothing, 255).message; // prettier-ignore
    const applied = (left: number) => statusWords({ kind, status: 'applied' }, { ...nothing, left }, 255); // prettier-ignore

    expect(told('waiting')).toMatch(/^It is being taken back\. The changes are drawn up\./);
    expect(told('approved')).toBe('It is being taken back. It is written next.');
    expect(told('rejected')).toBe('Somebody decided that nothing is written.');
    expect(applied(0)).toEqual({ status: 'Taken back', message: 'Nothing of it was left.' });
    expect(applied(1).message).toBe('1 record was left for a person.');
    expect(applied(2).message).toBe('2 records were left for a person.');
  }); // prettier-ignore

  test('fits its field, and is never cut within a character', () => {
    const long = statusWords({ kind: 'closed_won', status: 'blocked' }, { writes: [], problems: ['😀'.repeat(200)] }, 20); // prettier-ignore

    expect(long.message.length).toBeLessThanOrEqual(20);
    expect(long.message).toBe(`${'😀'.repeat(9)}…`);
  });
});
