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

  test('fits its field, and is never cut within a character', () => {
    const long = statusWords({ kind: 'closed_won', status: 'blocked' }, { writes: [], problems: ['😀'.repeat(200)] }, 20); // prettier-ignore

    expect(long.message.length).toBeLessThanOrEqual(20);
    expect(long.message).toBe(`${'😀'.repeat(9)}…`);
  });
});
