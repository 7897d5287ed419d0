import { Button, Select, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { read } from '../api.ts';
import { Waiting } from '../waiting.tsx';
import type { Outcome, ShadowDifference } from './shadow-types.ts';
import { comparedWords, OUTCOMES } from './shadow-words.ts';

interface Page {
  readonly data: readonly ShadowDifference[];
  readonly page: { readonly nextCursor: string | null };
}

const DIFFERING = OUTCOMES.filter(({ value }) => value !== 'unchanged');

/** The records that differ, some at a time, all of them or those of one outcome. */
export function ShadowRecords({ runId }: { readonly runId: string }) {
  const [outcome, setOutcome] = useState<string | null>(null);
  const pages = useInfiniteQuery({
    queryKey: ['shadow-differences', runId, outcome],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ limit: '50' });
      if (outcome !== null) query.set('outcome', outcome);
      if (pageParam !== '') query.set('cursor', pageParam);
      return read<Page>(`/shadow-runs/${runId}/differences?${query.toString()}`, signal);
    },
    getNextPageParam: ({ page }) => page.nextCursor,
  });
  const records = pages.data?.pages.flatMap(({ data }) => data) ?? [];
  return (
    <Stack>
      <Select
        label="Outcome"
        placeholder="every outcome"
        data={DIFFERING}
        value={outcome}
        clearable
        onChange={setOutcome}
        maw={300}
      />
      <Waiting query={pages}>
        {records.length === 0 ? (
          <Text>No record has this outcome.</Text>
        ) : (
          <Records records={records} />
        )}
        {pages.hasNextPage ? (
          <Button
            variant="default"
            loading={pages.isFetchingNextPage}
            onClick={() => void pages.fetchNextPage()}
          >
            Show more
          </Button>
        ) : null}
      </Waiting>
    </Stack>
  );
}

function Records({ records }: { readonly records: readonly ShadowDifference[] }) {
  return (
    <Table.ScrollContainer minWidth={600}>
      <Table aria-label="Records that differ">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Record</Table.Th>
            <Table.Th>Outcome</Table.Th>
            <Table.Th>In effect → draft</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {records.map((record) => (
            <Table.Tr key={record.position}>
              <Table.Td>{record.recordId}</Table.Td>
              <Table.Td>{wordOf(record.outcome)}</Table.Td>
              <Table.Td>
                {linesOf(record).map((line) => (
                  <Text key={line} size="sm">
                    {line}
                  </Text>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function wordOf(outcome: Outcome): string {
  return OUTCOMES.find(({ value }) => value === outcome)?.label ?? outcome;
}

function linesOf({ error, items }: ShadowDifference): readonly string[] {
  if (error !== null)
    return [error.row === null ? error.message : `${error.row}: ${error.message}`];
  return items.flatMap(({ noun, ref, fields }) =>
    fields
      .filter(({ differs, changes }) => differs || changes)
      .map((field) => `${items.length > 1 ? `${noun} ${ref}, ` : ''}${comparedWords(field)}`),
  );
}
