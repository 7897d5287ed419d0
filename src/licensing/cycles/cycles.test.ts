import { describe, expect, test } from '@jest/globals';
import { dayOfCycle, firstPeriod, nextPeriod } from './cycle-period.ts';
import { CyclePolicy } from './cycle-policy.ts';
import { judgeStream, type StreamState } from './gate.ts';
import { requireMaySign, type Signature } from './sign-cycle.ts';
import { stateRound, type RoundToState } from './statement.ts';

describe('a period', () => {
  test('lasts as long as its frequency says, and begins again on the day of the first one', () => {
    const first = firstPeriod('monthly', '2026-01-31', null);
    const second = nextPeriod({ frequency: 'monthly', anchorDay: 31, to: first.to });
    const third = nextPeriod({ frequency: 'monthly', anchorDay: 31, to: second?.to ?? '' });

    expect([first, second, third]).toEqual([
      { from: '2026-01-31', to: '2026-02-28' },
      { from: '2026-02-28', to: '2026-03-31' },
      { from: '2026-03-31', to: '2026-04-30' },
    ]);
  });

  test('of a cycle that comes once has an end that somebody names, and nothing follows', () => {
    expect(firstPeriod('once', '2026-01-01', '2026-02-15').to).toBe('2026-02-15');
    expect(() => firstPeriod('once', '2026-01-01', null)).toThrow('needs the day');
    expect(() => firstPeriod('once', '2026-01-01', '2026-01-01')).toThrow('has no day');
    expect(() => firstPeriod('yearly', '2026-01-01', '2026-06-01')).toThrow('2026-12-31');
    expect(nextPeriod({ frequency: 'once', anchorDay: 1, to: '2026-02-15' })).toBeNull();
  });

  test('is looked at on its last day, and on today while that lies ahead', () => {
    expect(dayOfCycle('2026-04-01', '2026-05-20')).toBe('2026-03-31');
    expect(dayOfCycle('2026-04-01', '2026-03-02')).toBe('2026-03-02');
  });
});

describe('a stream', () => {
  const NOW = new Date('2026-03-02T12:00:00Z');
  const whole: StreamState = {
    connection: 'crm', stream: 'Order', paused: false, status: 'succeeded',
    finishedAt: new Date('2026-03-02T10:00:00Z'), unmapped: 0, closed: true,
  }; // prettier-ignore
  const problem = (change: Partial<StreamState>) =>
    judgeStream({ ...whole, ...change }, NOW, 3 * 3_600_000).problem;

  test('is whole only if it was read, mapped and proven, and lately', () => {
    expect(problem({})).toBeNull();
    expect(problem({ paused: true })).toBe('paused');
    expect(problem({ status: null, finishedAt: null, closed: undefined })).toBe('never_read');
    expect(problem({ status: 'failed' })).toBe('failed');
    expect(problem({ status: 'parked' })).toBe('parked');
    expect(problem({ unmapped: 1 })).toBe('not_mapped');
    expect(problem({ closed: false })).toBe('uncertified');
    expect(problem({ closed: undefined })).toBe('uncertified');
    expect(problem({ finishedAt: new Date('2026-03-02T08:59:59Z') })).toBe('stale');
  });

  test('whose records nobody can count is never proven', () => {
    expect(problem({ closed: null })).toBe('uncertified');
  });
});

describe('a signature', () => {
  const policy = CyclePolicy.parse({});
  const HASH = 'a'.repeat(64);
  const by = (personId: string, role: Signature['role'], more: Partial<Signature> = {}) => ({
    role,
    statementHash: HASH,
    personId,
    personName: personId,
    roles: ['licence-manager', 'finance'],
    ...more,
  });
  const cycle = { owner: 'owner', computedBy: 'computer', statementHash: HASH, signOffs: [] };
  const after = (person: string) => ({
    ...cycle,
    signOffs: [{ role: 'licence-manager', person }],
  });

  test('is given for a role that signs, by somebody who has it, under what was read', () => {
    expect(() => requireMaySign(policy, by('ann', 'finance'), cycle)).not.toThrow();
    expect(() => requireMaySign(policy, by('ann', 'auditor'), cycle)).toThrow('Nobody signs');
    expect(() => requireMaySign(policy, by('ann', 'finance', { roles: ['viewer'] }), cycle)).toThrow('without the role'); // prettier-ignore
    expect(() => requireMaySign(policy, by('ann', 'finance', { statementHash: 'b'.repeat(64) }), cycle)).toThrow('no longer the one'); // prettier-ignore
  });

  test('is one a person and one a role', () => {
    expect(() => requireMaySign(policy, by('ann', 'finance'), after('ann'))).toThrow('signed already'); // prettier-ignore
    expect(() => requireMaySign(policy, by('ben', 'licence-manager'), after('ann'))).toThrow('signed as licence-manager'); // prettier-ignore
  });

  test('of whoever owns or computed the cycle needs another beside it who did neither', () => {
    const alone = CyclePolicy.parse({ signers: ['finance'] });

    expect(() => requireMaySign(alone, by('owner', 'finance'), cycle)).toThrow('did neither');
    expect(() => requireMaySign(alone, by('computer', 'finance'), cycle)).toThrow('did neither');
    expect(() => requireMaySign(alone, by('ann', 'finance'), cycle)).not.toThrow();
    expect(() => requireMaySign(policy, by('computer', 'finance'), after('owner'))).toThrow('did neither'); // prettier-ignore
    expect(() => requireMaySign(policy, by('computer', 'finance'), after('ann'))).not.toThrow();
    expect(() =>
      requireMaySign({ ...alone, independentSigner: false }, by('owner', 'finance'), cycle),
    ).not.toThrow();
  });
});

describe('a statement', () => {
  const variance = (subject: string) => ({
    subject, kind: 'non_compliant', severity: null, sku: 'FIG', owner: 'own', quantity: '2',
    amount: '200.00', currency: 'EUR', summary: 'short',
  }); // prettier-ignore
  const decision = (subject: string, reason: string) => ({
    subject, decision: 'noted' as const, reason, by: 'ann', at: '2026-04-01T00:00:00.000Z',
  }); // prettier-ignore
  const round: RoundToState = {
    cycle: { id: 'cyc_1', name: 'Q1', period: { from: '2026-01-01', to: '2026-04-01' }, scope: { kind: 'all', ref: null }, owner: 'ann', round: 1 },
    run: { id: 'rec_1', asOf: '2026-03-31', knownAt: '2026-04-01T00:00:00.000Z' },
    gate: { streams: [], acceptedBy: 'ann', reason: null },
    content: {
      inputHash: 'i', resultHash: 'r', ruleVersions: { 'metric.user': 1 }, positions: { lines: 2, byStatus: {}, hash: 'h' },
      findings: 0, trueUpCost: [], exceptions: [], utilisation: [],
    },
    variances: [variance('position:a'), variance('position:b')],
    decisions: [decision('position:a', 'first'), decision('position:b', 'x'), decision('position:a', 'last')],
    tasks: [],
  }; // prettier-ignore

  test('is the same whatever the order of its parts, and the last decision about a subject holds', () => {
    const one = stateRound(round);
    const other = stateRound({ ...round, variances: round.variances.toReversed() });

    expect(other.hash).toBe(one.hash);
    expect(one.body['variances']).toMatchObject([
      { subject: 'position:a', reason: 'last' },
      { subject: 'position:b', reason: 'x' },
    ]);
  });

  test('is another one as soon as a result, a reason or a gap is another', () => {
    const { hash } = stateRound(round);
    const gap = {
      connection: 'crm',
      stream: 'Order',
      lastReadAt: null,
      problem: 'never_read' as const,
    };
    const others = [
      { ...round, content: { ...round.content, resultHash: 's' } },
      { ...round, decisions: [...round.decisions, decision('position:b', 'y')] },
      { ...round, gate: { ...round.gate, streams: [gap], reason: 'known' } },
      { ...round, run: { ...round.run, knownAt: '2026-04-02T00:00:00.000Z' } },
    ];

    expect(new Set([hash, ...others.map((each) => stateRound(each).hash)]).size).toBe(5);
  });
});
