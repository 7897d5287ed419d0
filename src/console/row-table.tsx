import { Button, Code, Group, Table, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { Row } from './mapping-types.ts';
import { KIND_WORDS, kindOf, sourceText, stepsText } from './row-words.ts';

interface Props {
  readonly rows: Readonly<Record<string, Row>>;
  readonly edited: ReadonlyMap<string, Row | null>;
  readonly chosen: string | null;
  readonly onChoose: (name: string) => void;
}

/** The rows of a mapping: target field, where it comes from, what is done to it. */
export function RowTable({ rows, edited, chosen, onChoose }: Props) {
  return (
    <>
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Field</Table.Th>
              <Table.Th>Kind</Table.Th>
              <Table.Th>Comes from</Table.Th>
              <Table.Th>Steps</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {Object.entries(rows).map(([name, row]) => (
              <Table.Tr
                key={name}
                {...(name === chosen ? { bg: 'var(--mantine-color-default-hover)' } : {})}
              >
                <Table.Td>
                  <UnstyledButton
                    onClick={() => onChoose(name)}
                    aria-current={name === chosen}
                    td="underline"
                  >
                    {name}
                    {row.key === true ? ' (key)' : ''}
                    {edited.has(name) ? ' (changed)' : ''}
                  </UnstyledButton>
                </Table.Td>
                <Table.Td>
                  <Text size="xs">{KIND_WORDS[kindOf(row)]}</Text>
                </Table.Td>
                <Table.Td>
                  <Code>{sourceText(row)}</Code>
                </Table.Td>
                <Table.Td>{stepsText(row.steps).replaceAll('\n', ', ')}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <NewRow taken={rows} onAdd={onChoose} />
    </>
  );
}

function NewRow({
  taken,
  onAdd,
}: {
  readonly taken: Props['rows'];
  readonly onAdd: (name: string) => void;
}) {
  const [name, setName] = useState('');
  const isTaken = Object.hasOwn(taken, name);
  return (
    <Group align="end">
      <TextInput
        label="Add a field"
        value={name}
        error={isTaken ? 'This field has a row already.' : null}
        onChange={(event) => setName(event.currentTarget.value.trim())}
      />
      <Button
        variant="default"
        disabled={name === '' || isTaken}
        onClick={() => {
          onAdd(name);
          setName('');
        }}
      >
        Add
      </Button>
    </Group>
  );
}
