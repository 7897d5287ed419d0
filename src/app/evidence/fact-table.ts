import { NOUNS } from '../../canonical/nouns.ts';
import type { ColumnKind, EvidenceTable } from '../../audit/evidence/table.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { Fact, FactNoun } from '../../ledger/fact.ts';
import { compareText } from '../../licensing/sort.ts';

/** Members of a noun that name people, or are free words in which anybody may be named. All others tell of things. */
const TELLING: { readonly [Name in FactNoun]?: Readonly<Record<string, ColumnKind>> } = {
  seatAssignment: { externalRef: 'person', userAccountRef: 'person' },
  userAccount: {
    externalRef: 'person',
    userName: 'person',
    displayName: 'person',
    emails: 'person',
    employeeNumber: 'person',
    managerRef: 'person',
  },
  device: { name: 'person', primaryUserRef: 'person' },
  agreement: { stewardRef: 'person', auditClause: 'words' },
  entitlementTransaction: { reason: 'words' },
  exception: {
    subjectRefs: 'person',
    rationale: 'words',
    requesterRef: 'person',
    approverRefs: 'person',
    fallbackControl: 'words',
  },
};

/** Facts as a table: where each comes from, since when it is known, and every member of its noun. Ordered by source and reference. */
export function factTable<Name extends FactNoun>(
  name: string,
  noun: Name,
  facts: readonly Fact<Name>[],
): EvidenceTable {
  const telling: Readonly<Record<string, ColumnKind>> = TELLING[noun] ?? {};
  const members = Object.keys(NOUNS[noun].shape).map((member) => ({
    name: member,
    kind: telling[member] ?? ('thing' as const),
  }));
  const rows = facts.toSorted(
    (left, right) =>
      compareText(left.connection, right.connection) ||
      compareText(left.externalRef, right.externalRef) ||
      compareText(left.factId, right.factId),
  );
  return {
    name,
    columns: [...SOURCE, ...members],
    rows: rows.map(({ factId, connection, recordedFrom, lineage, body }): JsonObject => {
      const { recordHash = null, mappingId = null, mappingVersion = null } = lineage ?? {};
      // A body is JSON: it was parsed from it.
      return { factId, connection, recordedFrom, recordHash, mappingId, mappingVersion, ...(body as JsonObject) }; // prettier-ignore
    }),
  };
}

/** The hash of a record is left out where words are: of a short record, somebody could guess what was hashed. */
const SOURCE: EvidenceTable['columns'] = [
  { name: 'factId', kind: 'thing' },
  { name: 'connection', kind: 'thing' },
  { name: 'recordedFrom', kind: 'thing' },
  { name: 'recordHash', kind: 'words' },
  { name: 'mappingId', kind: 'thing' },
  { name: 'mappingVersion', kind: 'thing' },
];
