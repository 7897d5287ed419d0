import { expect, test } from '@jest/globals';
import { redactTable, type EvidenceTable } from './table.ts';

const TABLE: EvidenceTable = {
  name: 'exceptions',
  columns: [
    { name: 'id', kind: 'thing' },
    { name: 'approvers', kind: 'person' },
    { name: 'why', kind: 'words' },
  ],
  rows: [
    { id: 'exc_1', approvers: ['ada', 'bob'], why: 'Ada is ill', unheard: 'Ada' },
    { id: 'exc_2', approvers: 'ada', why: '' },
  ],
};
const pseudonym = (person: string) => `p-${person.length}`;

test.each([
  ['none', TABLE.rows],
  ['pseudonyms', [{ id: 'exc_1', approvers: ['p-3', 'p-3'], why: null, unheard: null }, { id: 'exc_2', approvers: 'p-3', why: null }]],
  ['no_personal_data', [{ id: 'exc_1', approvers: null, why: null, unheard: null }, { id: 'exc_2', approvers: null, why: null }]],
] as const)('%s: what tells of people is kept, hidden or left out, and what no column speaks of is never kept', (redaction, rows) => {
  const table = redactTable(TABLE, redaction, pseudonym);

  expect(table.rows).toEqual(rows);
  expect(table.columns).toEqual(TABLE.columns);
}); // prettier-ignore
