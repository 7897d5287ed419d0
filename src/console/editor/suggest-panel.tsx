import { Alert, Badge, Button, Code, Group, Stack, Table, Text, Title } from '@mantine/core';
import { Waiting } from '../waiting.tsx';
import type { Suggesting, Suggestion } from './use-suggestions.ts';

interface Props {
  readonly suggesting: Suggesting;
  readonly onAccept: (accepted: readonly Suggestion[]) => void;
}

/** From this on a proposal is meant to be taken unseen. */
const SURE = 0.9;

/** Proposed rows for fields that have none, each with its score and its reason. A row of a person is never written over. */
export function SuggestPanel({ suggesting, onAccept }: Props) {
  const { query, isAsked, ask, open, missing } = suggesting;
  const sure = open.filter(({ score, lookup }) => score >= SURE && lookup === null);
  return (
    <Stack component="section" aria-label="Suggestions" gap="xs">
      <Group>
        <Button variant="default" onClick={ask}>
          Suggest rows
        </Button>
        {sure.length === 0 ? null : (
          <Button onClick={() => onAccept(sure)}>
            Accept all of 90 % and more ({sure.length})
          </Button>
        )}
      </Group>
      {isAsked ? (
        <Waiting query={query}>
          <Title order={2} size="h4">
            Suggestions
          </Title>
          {open.length === 0 ? <Text>Nothing is left to suggest.</Text> : null}
          {open.length === 0 ? null : <Proposals open={open} onAccept={onAccept} />}
          <Missing fields={missing} />
        </Waiting>
      ) : null}
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
