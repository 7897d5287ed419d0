import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { WorkRef } from './port.ts';
import { inTurns, wakeUpId } from './wake-up.ts';

const ref: WorkRef = { tenantId: 'acme', job: 'deliver', key: 'crm/Contract', version: 7 };
const refs = fc.array(
  fc.record({
    tenantId: fc.constantFrom('a', 'b', 'c', 'd'),
    job: fc.constant('map'),
    key: fc.string(),
    version: fc.nat(),
  }),
  { maxLength: 60 },
);

describe('the id of a wake-up', () => {
  test('holds no colon, which the queue would take for a separator of its own', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, nudge) => {
        expect(wakeUpId({ ...ref, key }, nudge)).toMatch(/^[\w-]{43}$/);
      }),
    );
  });

  test('differs by tenant, job, key, version and nudge', () => {
    const ids = [
      wakeUpId(ref, ''),
      wakeUpId({ ...ref, tenantId: 'globex' }, ''),
      wakeUpId({ ...ref, job: 'map' }, ''),
      wakeUpId({ ...ref, key: 'crm' }, ''),
      wakeUpId({ ...ref, version: 8 }, ''),
      wakeUpId(ref, '1'),
    ];

    expect(new Set(ids).size).toBe(ids.length);
    expect(wakeUpId({ ...ref }, '')).toBe(ids[0]);
  });
});

describe('taking turns', () => {
  test('loses none, adds none, and keeps the order of each tenant', () => {
    fc.assert(
      fc.property(refs, (given) => {
        const turns = inTurns(given);
        for (const tenant of ['a', 'b', 'c', 'd']) {
          const of = (list: readonly WorkRef[]) => list.filter((one) => one.tenantId === tenant);
          expect(of(turns)).toEqual(of(given));
        }
        expect(turns).toHaveLength(given.length);
      }),
    );
  });

  test('no tenant has its second turn before every other one that waits had its first', () => {
    fc.assert(
      fc.property(refs, (given) => {
        const counts = new Map<string, number>();
        const totals = Map.groupBy(given, ({ tenantId }) => tenantId);
        for (const { tenantId } of inTurns(given)) {
          const mine = (counts.get(tenantId) ?? 0) + 1;
          counts.set(tenantId, mine);
          for (const [other, all] of totals) {
            expect(counts.get(other) ?? 0).toBeGreaterThanOrEqual(Math.min(all.length, mine - 1));
          }
        }
      }),
    );
  });
});
