import { describe, expect, test } from '@jest/globals';
import type { RunStreamView } from '../wait-for-run.ts';
import { openEnds, unclosed, type Summary } from './finale.ts';
import type { EntitlementView } from './views.ts';

const stream = (name: string, closed: boolean | null): RunStreamView => ({
  stream: name,
  status: 'succeeded',
  pages: 1,
  landed: 1,
  created: 1,
  updated: 0,
  unchanged: 0,
  superseded: 0,
  rejected: 0,
  quarantined: 0,
  unmappedPages: 0,
  expected: null,
  resumeAt: null,
  certificate: { sourceCount: 1, closed, missingIds: [] },
  error: null,
});

const closedLoop: Summary = {
  seed: 1,
  certificates: [],
  closedWon: {
    opportunityId: '006A',
    planHash: 'hash',
    intents: ['salesOrder', 'Contract'].map((object) => ({
      system: 'any',
      object,
      externalId: 'x',
      state: 'APPLIED',
      readBack: true,
    })),
    elapsedMs: 1,
  },
  entitlements: { draft: 0, active: 1, reversed: 1 },
  renewals: { due: 2, written: 2 },
  positions: 1,
  findings: 0,
  drift: { planted: 1, found: 1, recall: 1, precision: 1 },
};
const activated = [{} as EntitlementView];

describe('the demo has closed the loop only if', () => {
  test('every stream of every run closed, the pushed ones as well', () => {
    const pulled = { connection: 'crm', streams: [stream('Account', true)] };
    const pushed = { connection: 'crm', streams: [stream('Opportunity', false)] };
    const uncounted = { connection: 'files', streams: [stream('usage', null)] };

    expect(unclosed([pulled])).toEqual([]);
    expect(unclosed([pulled, pushed, uncounted])).toEqual([
      'crm Opportunity did not close: unproven',
      'files usage did not close: unproven',
    ]);
  });

  test('renewals were due, and all of them were written', () => {
    const withRenewals = (renewals: Summary['renewals']) =>
      openEnds({ ...closedLoop, renewals }, [], activated);

    expect(withRenewals({ due: 2, written: 2 })).toEqual([]);
    expect(withRenewals({ due: 0, written: 0 })).toEqual(['no renewal was due']);
    expect(withRenewals({ due: 2, written: 1 })).toEqual(['1 renewals were not written']);
  });
});
