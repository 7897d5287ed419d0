import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { decideFacts, factsOf, historyOf, recordFacts, type RecordFacts } from './facts.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

const source = { connection: 'crm', stream: 'Account', mappingId: 'm', mappingVersion: 1 };

function org(recordId: string, legalName: string, externalRef = recordId): RecordFacts {
  return {
    recordId,
    recordHash: `${recordId}-${legalName}`,
    facts: [{ noun: 'organization', body: { externalRef, legalName, kind: 'customer' } }],
  };
}

const record = (records: readonly RecordFacts[]) =>
  db.store.withTenant(db.tenantId, (tx) => recordFacts(tx, source, records));
const names = async (knownAt?: Date) => {
  const facts = await db.store.readTenant(db.tenantId, (tx) =>
    factsOf(tx, 'organization', knownAt === undefined ? {} : { knownAt }),
  );
  return facts.map((fact) => fact.body.legalName);
};

describe('the ledger', () => {
  test('supersedes what changed, keeps what did not, and can be asked what it knew before', async () => {
    expect(await record([org('1', 'One'), org('2', 'Two')])).toMatchObject({
      recorded: 2,
      closed: 0,
    });
    const before = await db.store.readTenant(db.tenantId, (tx) => tx.clock());
    await new Promise((resolve) => setTimeout(resolve, 5));

    expect(await record([org('1', 'One'), org('2', 'Zwei')])).toMatchObject({
      recorded: 1,
      closed: 1,
    });

    expect(await names()).toEqual(['One', 'Zwei']);
    expect(await names(before)).toEqual(['One', 'Two']);
    const history = await db.store.readTenant(db.tenantId, (tx) => historyOf(tx, '2'));
    expect(history.map((fact) => [fact.body, fact.recordedTo === null])).toEqual([
      [{ externalRef: '2', legalName: 'Two', kind: 'customer' }, false],
      [{ externalRef: '2', legalName: 'Zwei', kind: 'customer' }, true],
    ]);
  });

  test('closes the facts that a record no longer gives, as when it is deleted at the source', async () => {
    await record([org('gone', 'Gone')]);

    expect(await record([{ recordId: 'gone', recordHash: 'x', facts: [] }])).toMatchObject({
      closed: 1,
      recorded: 0,
    });

    expect(await names()).not.toContain('Gone');
  });

  test('two records that claim one reference: the first keeps it and the other is named', async () => {
    await record([org('first', 'First', 'shared')]);

    const changes = await record([org('second', 'Second', 'shared')]);

    expect(changes.refused).toMatchObject([
      { recordId: 'second', externalRef: 'shared', code: 'duplicate_reference' },
    ]);
    expect(changes.refused[0]?.reason).toContain('record first');
    expect(await names()).toContain('First');
    expect(await names()).not.toContain('Second');
  });

  test('a reference that its holder gives up in the same page may be taken over', async () => {
    await record([org('old', 'Old', 'moving')]);

    const changes = await record([org('old', 'Old', 'elsewhere'), org('new', 'New', 'moving')]);

    expect(changes).toMatchObject({ refused: [], recorded: 2, closed: 1 });
  });

  test('an edge that would close a cycle in the organisation tree is refused and named', async () => {
    const edge = (recordId: string, childRef: string, parentRef: string): RecordFacts => ({
      recordId,
      recordHash: recordId,
      facts: [
        {
          noun: 'organizationRelationship',
          body: { externalRef: recordId, childRef, parentRef, relation: 'owns' },
        },
      ],
    });
    await record([edge('e1', 'b', 'a')]);

    const changes = await record([edge('e2', 'a', 'b')]);

    expect(changes).toMatchObject({ recorded: 0, refused: [{ code: 'organization_cycle' }] });
  });

  test('facts keep the record, the content and the mapping version that they came from', async () => {
    await record([org('l', 'Lineage')]);

    const [fact] = await db.store.readTenant(db.tenantId, (tx) =>
      factsOf(tx, 'organization', { refs: ['l'] }),
    );

    expect(fact?.lineage).toEqual({
      stream: 'Account',
      recordId: 'l',
      recordHash: 'l-Lineage',
      mappingId: 'm',
      mappingVersion: 1,
    });
  });

  test('a decision replaces its scope and leaves what is outside of it', async () => {
    const sub = (externalRef: string, name: string) => ({ externalRef, name });
    const decide = (facts: { externalRef: string; name: string }[], externalRefs?: string[]) =>
      db.store.withTenant(db.tenantId, (tx) =>
        decideFacts(
          tx,
          'subsidiary',
          facts,
          externalRefs === undefined ? undefined : { externalRefs },
        ),
      );
    await decide([sub('a', 'A'), sub('b', 'B')]);

    expect(await decide([sub('a', 'A2')], ['a'])).toMatchObject({ recorded: 1, closed: 1 });
    expect(await decide([sub('b', 'B')])).toMatchObject({ recorded: 0, closed: 1 });

    const left = await db.store.readTenant(db.tenantId, (tx) => factsOf(tx, 'subsidiary'));
    expect(left.map((fact) => fact.body.name)).toEqual(['B']);
  });
});
