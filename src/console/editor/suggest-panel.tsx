import { Alert, Badge, Button, Code, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api.ts';
import type { Row, RowEdit } from '../mapping-types.ts';
import { mappingPath } from '../use-mapping.ts';
import { Waiting } from '../waiting.tsx';
import type { Rows } from './edits.ts';
import { isFilled } from './target-fields.ts';

interface Suggestion {
  readonly field: string;
  readonly path: string;
  readonly score: number;
  readonly reason: string;
  readonly row: Row;
  readonly lookup: { readonly table: string } | null;
}

interface Suggestions {
  readonly suggestions: readonly Suggestion[];
  readonly missing: readonly string[];
}

interface Props {
  readonly id: string;
  readonly text: string;
  readonly edits: readonly RowEdit[];
  readonly rows: Rows;
  readonly onAccept: (accepted: readonly { readonly field: string; readonly row: Row }[]) => void;
}

/** From this on a proposal is meant to be taken unseen. */
const SURE = 0.9;

/** Proposed rows for fields that have none, each with its score and its reason. A row of a person is never written over. */
export function SuggestPanel({ id, text, edits, rows, onAccept }: Props) {
  const [asked, setAsked] = useState<{ text: string; edits: readonly RowEdit[] } | null>(null);
  const answer = useQuery({
    queryKey: ['suggest', id, asked],
    enabled: asked !== null,
    queryFn: async ({ signal }) =>
      (
        await call<Suggestions>(`${mappingPath(id)}:suggest`, {
          method: 'POST',
          body: asked,
          signal,
        })
      ).body,
  });
  const open = (answer.data?.suggestions ?? []).filter(({ field }) => !isFilled(rows, field));
  const sure = open.filter(({ score, lookup }) => score >= SURE && lookup === null);
  return (
    <Stack component="section" aria-label="Suggestions" gap="xs">
      <Group>
        <Button variant="default" onClick={() => setAsked({ text, edits })}>
          Suggest rows
        </Button>
        {sure.length === 0 ? null : (
          <Button onClick={() => onAccept(sure)}>
            Accept all of 90 % and more ({sure.length})
          </Button>
        )}
      </Group>
      {asked === null ? null : (
        <Waiting query={answer}>
          <Title order={2} size="h4">
            Suggestions
          </Title>
          {open.length === 0 ? <Text>Nothing is left to suggest.</Text> : null}
          {open.length === 0 ? null : <Proposals open={open} onAccept={onAccept} />}
          <Missing fields={(answer.data?.missing ?? []).filter((name) => !isFilled(rows, name))} />
        </Waiting>
      )}
    </Stack>
  );
}

function Proposals({
  open,
  onAccept,
}: {
  readonly open: readonly Suggestion[];
  readonly onAccept: Props['onAccept'];
}) {
  return (
    <Table.ScrollContainer minWidth={520} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing={4} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>Would come from</Table.Th>
            <Table.Th>How sure, and why</Table.Th>
            <Table.Th>Accept</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {open.map((each) => (
            <Table.Tr key={each.field}>
              <Table.Td>{each.field}</Table.Td>
              <Table.Td>
                <Code>{each.path}</Code>
                {each.lookup === null ? null : (
                  <Text size="xs">needs the lookup table {each.lookup.table} first</Text>
                )}
              </Table.Td>
              <Table.Td>
                <Badge variant="dot" color={each.score >= SURE ? 'teal' : 'orange'} tt="none">
                  {Math.round(each.score * 100)} %
                </Badge>{' '}
                {each.reason}
              </Table.Td>
              <Table.Td>
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={`Accept ${each.field}`}
                  onClick={() => onAccept([each])}
                >
                  Accept
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Missing({ fields }: { readonly fields: readonly string[] }) {
  if (fields.length === 0) return null;
  return (
    <Alert color="orange" title="Required, and nothing was found for them">
      {fields.join(', ')}
    </Alert>
  );
}
