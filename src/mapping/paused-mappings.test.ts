import { describe, expect, test } from '@jest/globals';
import { isBack, isOutdated, pausesFor, type WatchedPlan } from './paused-mappings.ts';
import { schemaChanges, type ObjectShape } from './schema-difference.ts';

const shape = (type: string, options: readonly string[] = []) => ({ type, options });
const BEFORE: ObjectShape = {
  Amount: shape('currency'),
  StageName: shape('picklist', ['Closed Won', 'Draft', 'Open']),
  Note: shape('text'),
};
const PLAN: WatchedPlan = {
  kind: 'inbound',
  id: 'salesforce.opportunity',
  version: 3,
  source: { stream: 'Opportunity' },
  reads: [
    { stream: 'Opportunity', field: 'amount', rows: ['amount'] },
    { stream: 'Opportunity', field: 'StageName', rows: ['when', 'stage'] },
  ],
  texts: new Set(['Closed Won']),
};
const pauses = (after: ObjectShape, plan = PLAN) =>
  pausesFor([plan], 'Opportunity', schemaChanges(BEFORE, after)).map(
    ({ field, kind, expected }) => `${field} ${kind} ${expected}`,
  );

describe('F-36: a change of what a source describes pauses a mapping', () => {
  test('that reads a field which is gone or of another type, in whatever case it is spelled', () => {
    const { Amount: _amount, ...without } = BEFORE;

    expect(pauses(without)).toEqual(['Amount gone currency']);
    expect(pauses({ ...BEFORE, Amount: shape('text') })).toEqual(['Amount retyped currency']);
  });

  test('that names an option which is gone, and not for one that it does not name', () => {
    const options = (left: readonly string[]) => ({
      ...BEFORE,
      StageName: shape('picklist', left),
    });

    expect(pauses(options(['Draft', 'Open']))).toEqual(['StageName option_gone Closed Won']);
    expect(pauses(options(['Closed Won', 'Open']))).toEqual([]);
  });

  test('F-37: and neither for what it does not read nor for a new field; a new option degrades it, and nothing waits', () => {
    const { Note: _note, ...without } = BEFORE;
    const more = {
      ...without,
      Extra__c: shape('text'),
      StageName: shape('picklist', ['Closed Won', 'Draft', 'New', 'Open']),
    };

    expect(pausesFor([PLAN], 'Opportunity', schemaChanges(BEFORE, more))).toMatchObject([
      { field: 'StageName', kind: 'option_new', expected: 'New', pauses: false },
    ]);
    expect(schemaChanges(BEFORE, more).map(({ field, kind }) => `${field} ${kind}`)).toEqual([
      'Extra__c new',
      'Note gone',
      'StageName option_new',
    ]);
  });

  test('also where the field is one of a record that it includes', () => {
    const reads = [{ stream: 'Account', field: 'Type', rows: ['when'] }];
    const changes = schemaChanges({ Type: shape('text') }, {});

    expect(pausesFor([{ ...PLAN, reads }], 'Account', changes)).toMatchObject([
      { stream: 'Opportunity', fieldStream: 'Account', field: 'Type' },
    ]);
  });
});

describe('a change of what a target describes pauses a mapping that writes it', () => {
  const outbound: WatchedPlan = { ...PLAN, kind: 'outbound' };
  const shapeNow = { type: 'currency', options: [] };

  test('where the field takes no values any more; one that only reads goes on', () => {
    const open = { Amount: { ...shapeNow, readOnly: false } };
    const locked = schemaChanges(open, { Amount: { ...shapeNow, readOnly: true } });

    expect(pausesFor([outbound, PLAN], 'Opportunity', locked)).toMatchObject([
      { direction: 'outbound', field: 'Amount', kind: 'locked', pauses: true },
    ]);
    expect(
      schemaChanges({ Amount: shapeNow }, { Amount: { ...shapeNow, readOnly: true } }),
    ).toEqual([]);
  });

  test('where it is gone, and not where it has another option', () => {
    const more = { StageName: shape('picklist', ['Closed Won', 'Draft', 'New', 'Open']) };

    expect(pauses({ ...BEFORE, ...more }, outbound)).toEqual([]);
    expect(pauses({ ...BEFORE, StageName: shape('picklist', []) }, outbound)).toEqual([
      'StageName option_gone Closed Won',
    ]);
  });
});

describe('a pause ends', () => {
  const [pause] = pausesFor([PLAN], 'Opportunity', schemaChanges(BEFORE, {})).map((each) => ({
    ...each,
    since: new Date(0),
  }));
  if (pause === undefined) throw new Error('Nothing is paused.');

  test('when the field is there with the type that it had', () => {
    expect(isBack(pause, BEFORE)).toBe(true);
    expect(isBack(pause, { Amount: shape('text') })).toBe(false);
    expect(isBack(pause, {})).toBe(false);
  });

  test('when another version of the mapping, or none, is in effect, or it reads the field no more', () => {
    expect(isOutdated(pause, [PLAN])).toBe(false);
    expect(isOutdated(pause, [{ ...PLAN, version: 4 }])).toBe(true);
    expect(isOutdated(pause, [{ ...PLAN, reads: [] }])).toBe(true);
    expect(isOutdated(pause, [])).toBe(true);
  });
});
