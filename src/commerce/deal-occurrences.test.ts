import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { StageTransition } from '../canonical/stage-transition.ts';
import { dealIdOf, dealOccurrences } from './deal-occurrences.ts';

const WON = new Set(['Closed Won']);

function step(n: number, stageName: string): StageTransition {
  return {
    externalRef: `h${n}`,
    opportunityRef: '006A',
    stageName,
    changedAt: new Date(Date.UTC(2026, 1, 1, 0, n)).toISOString(),
  };
}

describe('closed-won occurrences', () => {
  test('entering a won stage is one occurrence, whatever else changes while the deal stays there', () => {
    const history = [step(1, 'Prospecting'), step(2, 'Closed Won'), step(3, 'Closed Won')];

    const found = dealOccurrences(history, WON);

    expect(found).toEqual([
      {
        opportunityRef: '006A',
        occurrence: 1,
        transitionRef: 'h2',
        wonAt: history[1]?.changedAt,
        reopenedAt: null,
      },
    ]);
  });

  test('leaving the won stage reopens the deal, and winning it again is a second occurrence', () => {
    const history = [step(1, 'Closed Won'), step(2, 'Negotiation/Review'), step(3, 'Closed Won')];

    const found = dealOccurrences(history, WON);

    expect(found.map((each) => [each.occurrence, each.reopenedAt])).toEqual([
      [1, history[1]?.changedAt],
      [2, null],
    ]);
    expect(new Set(found.map((each) => dealIdOf('crm', each))).size).toBe(2);
  });

  test('F-43: the occurrences do not depend on the order in which history rows arrive', () => {
    const stage = fc.constantFrom('Prospecting', 'Closed Won', 'Closed Lost');
    fc.assert(
      fc.property(
        fc.array(stage, { maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (stages, seeds) => {
          const history = stages.map((name, index) => step(index, name));
          const shuffled = history
            .map((row) => ({ row, at: seeds.next().value as number }))
            .toSorted((a, b) => a.at - b.at)
            .map(({ row }) => row);

          expect(dealOccurrences(shuffled, WON)).toEqual(dealOccurrences(history, WON));
        },
      ),
    );
  });
});
