import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../kernel/hash.ts';
import { compareState } from './compare-state.ts';

const record = (fields: JsonObject, version: string | null = null) => ({ externalId: 'x', intentId: null, vendorId: 'user=u-1', fields, version }); // prettier-ignore
const lost = { payload: { assigned: false }, state: 'UNKNOWN' };
const over = (version: string | null, overtaken = false) => ({ held: { version, fields: { assigned: true } }, overtaken }); // prettier-ignore
const HELD = { assigned: true };
const FREE = { assigned: false };

describe('F-13: what reading back says where the vendor keeps no intent id', () => {
  test('as asked is applied, whoever brought it about and whatever the version', () => {
    for (const state of ['UNKNOWN', 'APPLIED'])
      expect(compareState({ ...lost, state }, record(FREE, 'W/"9"'), over('W/"1"'))).toEqual({
        kind: 'applied',
        vendorId: 'user=u-1',
      });
  });

  test('unchanged since the call was prepared is a call that did not land', () => {
    expect(compareState(lost, record(HELD, 'W/"1"'), over('W/"1"'))).toEqual({ kind: 'absent' });
  });

  test('F-14: changed since is not sent again: ours may have landed and been undone', () => {
    expect(compareState(lost, record(HELD, 'W/"3"'), over('W/"1"'))).toMatchObject({
      kind: 'conflict',
      fields: ['assigned'],
    });
  });

  test('without a version it is asked for again: the same state twice is the same state', () => {
    expect(compareState(lost, record(HELD), over(null))).toEqual({ kind: 'absent' });
    expect(compareState(lost, record(HELD), { held: null, overtaken: false })).toEqual({
      kind: 'absent',
    });
  });

  test('confirmed and not shown is a conflict, never sent again', () => {
    const confirmed = { ...lost, state: 'APPLIED' };

    expect(compareState(confirmed, record(HELD, 'W/"1"'), over('W/"1"'))).toMatchObject({
      kind: 'conflict',
    });
  });

  test('an earlier revision is settled by a later one that was sent', () => {
    expect(compareState(lost, record(HELD, 'W/"1"'), over('W/"1"', true))).toEqual({
      kind: 'newer',
      vendorId: 'user=u-1',
    });
  });

  test('what was left alone is not compared', () => {
    const nothing = { payload: {}, state: 'APPLIED' };

    expect(compareState(nothing, record(HELD), over(null))).toMatchObject({ kind: 'applied' });
  });
});
