import {
  Badge,
  Button,
  Code,
  Group,
  SegmentedControl,
  Table,
  Text,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Row } from '../mapping-types.ts';
import type { Rows } from './edits.ts';
import { KIND_WORDS, kindOf, sourceText, stepsText } from './row-words.ts';
import { coverageWords, unmappedFields } from './target-fields.ts';
import type { DescribedField } from './use-fields.ts';

interface Props {
  readonly rows: Rows;
  /** What the target has, as far as it is known. */
  readonly target: readonly DescribedField[];
  readonly edited: ReadonlyMap<string, Row | null>;
  readonly chosen: string | null;
  readonly onChoose: (name: string) => void;
  /** The chosen row, to be edited right under its line. */
  readonly form: ReactNode;
}

const FILTERS = ['All', 'Required', 'Unmapped', 'Changed'] as const;
type Filter = (typeof FILTERS)[number];

/** More lines than this help nobody: the search finds the rest. */
const MOST = 300;

interface Line {
  readonly name: string;
  readonly row: Row | null;
  readonly field: DescribedField | null;
}

/** The fields of the target, with or without a row: where each comes from, and what is done to it. */
export function RowTable({ rows, target, edited, chosen, onChoose, form }: Props) {
  const [filter, setFilter] = useState<Filter>('All');
  const [wanted, setWanted] = useState('');
  const shown = linesOf(rows, target, chosen).filter(
    (line) =>
      line.name === chosen ||
      (fits(line, filter, edited) && line.name.toLowerCase().includes(wanted.toLowerCase())),
  );
  return (
    <>
      <Group justify="space-between">
        <SegmentedControl
          aria-label="Which fields"
          data={[...FILTERS]}
          value={filter}
          onChange={(value) => setFilter(value as Filter)}
        />
        <TextInput
          aria-label="Find a field"
          placeholder="Find a field"
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value.trim())}
        />
      </Group>
      <Text size="sm">{coverageWords(target, rows)}</Text>
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing={4} aria-label="Rows">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Field</Table.Th>
              <Table.Th>Kind</Table.Th>
              <Table.Th>Comes from</Table.Th>
              <Table.Th>Steps</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.slice(0, MOST).map((line) => (
              <FieldLine
                key={line.name}
                line={line}
                isChosen={line.name === chosen}
                isEdited={edited.has(line.name)}
                onChoose={onChoose}
                form={form}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {shown.length > MOST ? <Text>{shown.length - MOST} more: the search finds them.</Text> : null}
      <NewRow taken={rows} onAdd={onChoose} />
    </>
  );
}

/** Rows first, in the order of the file; then what has none, required first. */
function linesOf(
  rows: Rows,
  target: readonly DescribedField[],
  chosen: string | null,
): readonly Line[] {
  const described = new Map(target.map((field) => [field.name, field]));
  const open = unmappedFields(target, rows).toSorted(
    (a, b) => Number(b.required) - Number(a.required),
  );
  const lines = [
    ...Object.entries(rows).map(([name, row]) => ({
      name,
      row,
      field: described.get(name) ?? null,
    })),
    ...open.map((field) => ({ name: field.name, row: null, field })),
  ];
  if (chosen === null || lines.some(({ name }) => name === chosen)) return lines;
  return [...lines, { name: chosen, row: null, field: null }];
}

function fits({ name, row, field }: Line, filter: Filter, edited: Props['edited']): boolean {
  if (filter === 'Required') return field?.required === true;
  if (filter === 'Unmapped') return row === null;
  return filter === 'All' || edited.has(name);
}

interface FieldLineProps {
  readonly line: Line;
  readonly isChosen: boolean;
  readonly isEdited: boolean;
  readonly onChoose: (name: string) => void;
  readonly form: ReactNode;
}

function FieldLine({ line, isChosen, isEdited, onChoose, form }: FieldLineProps) {
  const { name, row, field } = line;
  return (
    <>
      <Table.Tr {...(isChosen ? { bg: 'var(--mantine-color-default-hover)' } : {})}>
        <Table.Td>
          <UnstyledButton onClick={() => onChoose(name)} aria-current={isChosen} td="underline">
            {name}
            {row?.key === true ? ' (key)' : ''}
            {isEdited ? ' (changed)' : ''}
          </UnstyledButton>
          {field?.required === true ? <Mark>required</Mark> : null}
          {field?.custom === true ? <Mark>custom</Mark> : null}
          {row?.pii === true ? <Mark>personal</Mark> : null}
        </Table.Td>
        <Table.Td>
          <Text size="xs">{row === null ? 'No row' : KIND_WORDS[kindOf(row)]}</Text>
        </Table.Td>
        <Table.Td>{row === null ? null : <Code>{sourceText(row)}</Code>}</Table.Td>
        <Table.Td>{stepsText(row?.steps).replaceAll('\n', ', ')}</Table.Td>
      </Table.Tr>
      {isChosen ? (
        <Table.Tr>
          <Table.Td colSpan={4}>{form}</Table.Td>
        </Table.Tr>
      ) : null}
    </>
  );
}

function Mark({ children }: { readonly children: string }) {
  return (
    <Badge ml={6} size="sm" variant="outline" color="gray.8" tt="none">
      {children}
    </Badge>
  );
}

interface NewRowProps {
  readonly taken: Rows;
  readonly onAdd: (name: string) => void;
}

function NewRow({ taken, onAdd }: NewRowProps) {
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
