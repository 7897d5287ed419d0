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
import { FILTERS, fits, linesOf, type Filter, type Line } from './row-filter.ts';
import type { RowErrors } from './row-errors.ts';
import { coverageWords } from './target-fields.ts';
import type { DescribedField } from './use-fields.ts';
import type { Suggesting, Suggestion } from './use-suggestions.ts';

interface Props {
  readonly rows: Rows;
  /** What the target has, as far as it is known. */
  readonly target: readonly DescribedField[];
  readonly edited: ReadonlyMap<string, Row | null>;
  readonly errors: RowErrors;
  readonly suggesting: Suggesting;
  /** Takes a proposed row; absent for who may not write. */
  readonly onAccept?: (taken: Suggestion) => void;
  readonly chosen: string | null;
  readonly onChoose: (name: string) => void;
  /** The chosen row, to be edited right under its line. */
  readonly form: ReactNode;
}

/** More lines than this help nobody: the search finds the rest. */
const MOST = 300;

/** The fields of the target, with or without a row: where each comes from, what is done to it, and what is wrong with it. */
export function RowTable(props: Props) {
  const { rows, target, edited, errors, suggesting, chosen, onChoose } = props;
  const [filter, setFilter] = useState<Filter>('All');
  const [wanted, setWanted] = useState('');
  const suggestions = filter === 'Suggested' ? suggesting.open : [];
  const known = { rows, target, edited, suggestions, errors, chosen };
  const shown = linesOf(known).filter(
    (line) =>
      line.name === chosen ||
      (fits(line, filter) && line.name.toLowerCase().includes(wanted.toLowerCase())),
  );

  function show(next: Filter) {
    setFilter(next);
    if (next === 'Suggested') suggesting.ask();
  }

  return (
    <>
      <Group justify="space-between">
        <SegmentedControl
          aria-label="Which fields"
          data={[...FILTERS]}
          value={filter}
          onChange={(value) => show(value as Filter)}
        />
        <TextInput
          aria-label="Find a field"
          placeholder="Find a field"
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value.trim())}
        />
      </Group>
      <Text size="sm">{coverageWords(target, rows)}</Text>
      <Lines {...props} shown={shown.slice(0, MOST)} />
      {shown.length > MOST ? <Text>{shown.length - MOST} more: the search finds them.</Text> : null}
      <Text size="sm" aria-live="polite">
        {shown.length > 0 ? '' : noneWords(filter, suggesting)}
      </Text>
      <NewRow taken={rows} onAdd={onChoose} />
    </>
  );
}

function noneWords(filter: Filter, { query }: Suggesting): string {
  if (filter === 'Errors') return 'No row fails on the sample, and nothing waits because of one.';
  if (filter !== 'Suggested') return 'No field is like that.';
  if (query.isFetching) return 'Looking for what could fill the fields that have no row …';
  return query.error === null ? 'Nothing is left to suggest.' : query.error.message;
}

function Lines(props: Props & { readonly shown: readonly Line[] }) {
  return (
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
          {props.shown.map((line) => (
            <FieldLine
              key={line.name}
              line={line}
              isChosen={line.name === props.chosen}
              onChoose={props.onChoose}
              form={props.form}
              {...(props.onAccept === undefined ? {} : { onAccept: props.onAccept })}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface FieldLineProps {
  readonly line: Line;
  readonly isChosen: boolean;
  readonly onChoose: (name: string) => void;
  readonly onAccept?: (taken: Suggestion) => void;
  readonly form: ReactNode;
}

function FieldLine({ line, isChosen, onChoose, onAccept, form }: FieldLineProps) {
  const { name, row, field, suggestion, errors, isEdited } = line;
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
          {errors.map((message) => (
            <Text key={message} size="xs" c="red.9">
              ! {message}
            </Text>
          ))}
        </Table.Td>
        <Table.Td>
          <Text size="xs">{row === null ? 'No row' : KIND_WORDS[kindOf(row)]}</Text>
        </Table.Td>
        <Table.Td>
          {row === null ? null : <Code>{sourceText(row)}</Code>}
          {suggestion === null ? null : (
            <Suggested suggestion={suggestion} {...(onAccept === undefined ? {} : { onAccept })} />
          )}
        </Table.Td>
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

interface SuggestedProps {
  readonly suggestion: Suggestion;
  readonly onAccept?: (taken: Suggestion) => void;
}

/** What a field could come from, in the place of what it comes from. */
function Suggested({ suggestion, onAccept }: SuggestedProps) {
  const { field, path, score, reason, lookup } = suggestion;
  return (
    <>
      <Text size="xs">
        Suggested, {Math.round(score * 100)} %: <Code>{path}</Code> {reason}
        {lookup === null ? '' : ` It needs the lookup table ${lookup.table} first.`}
      </Text>
      {onAccept === undefined ? null : (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Take it: the suggestion for ${field}`}
          onClick={() => onAccept(suggestion)}
        >
          Take it
        </Button>
      )}
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
