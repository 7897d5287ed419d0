import { Alert, Badge, List, Stack, Table, Text } from '@mantine/core';
import type { Problem } from './api.ts';

/** What `POST /mappings:import` answers. */
export interface Imported {
  readonly dryRun: boolean;
  readonly mappings: readonly ImportedMapping[];
  readonly drafts: readonly string[];
}

interface ImportedMapping {
  /** Its place in the text, from 0. */
  readonly index: number;
  readonly id: string | null;
  readonly state: 'new' | 'changed' | 'same' | 'refused';
  readonly differences: readonly { readonly pointer: string; readonly text: string }[];
  readonly missingConnections: readonly string[];
  readonly problems: readonly Problem[];
}

const STATES = {
  new: { word: '+ new here', color: 'teal' },
  changed: { word: '~ differs', color: 'orange' },
  same: { word: '= as here', color: 'gray' },
  refused: { word: '✗ does not fit', color: 'red' },
} as const;

/** Each mapping of a text: what it differs in from what is in effect, or what is wrong with it, row by row. */
export function ImportResult({ mappings }: Pick<Imported, 'mappings'>) {
  const refused = mappings.filter(({ state }) => state === 'refused').length;
  return (
    <Stack component="section" aria-label="What it would do">
      {refused === 0 ? null : (
        <Alert color="red" title="This text is not taken" role="alert">
          {refused} of {mappings.length} mappings do not fit, so none of them becomes a draft.
        </Alert>
      )}
      {mappings.map((mapping) => (
        <Stack key={mapping.index} gap={4}>
          <Text component="div">
            {mapping.id ?? `Mapping ${mapping.index + 1} of the text`}{' '}
            <Badge variant="dot" color={STATES[mapping.state].color} tt="none">
              {STATES[mapping.state].word}
            </Badge>
          </Text>
          {mapping.problems.length === 0 ? null : <Problems mapping={mapping} />}
          {mapping.state === 'changed' ? (
            <List size="sm">
              {mapping.differences.map(({ pointer, text }) => (
                <List.Item key={`${pointer} ${text}`}>{text}</List.Item>
              ))}
            </List>
          ) : null}
          {mapping.missingConnections.map((name) => (
            <Text key={name} size="sm">
              There is no connection “{name}” here.
            </Text>
          ))}
        </Stack>
      ))}
    </Stack>
  );
}

/** Problems in the order of the rows that they are about; what is about no row comes first. */
function Problems({ mapping }: { readonly mapping: ImportedMapping }) {
  const sorted = mapping.problems.toSorted((a, b) => (a.row ?? '').localeCompare(b.row ?? ''));
  return (
    <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table
        verticalSpacing={4}
        fz="sm"
        aria-label={`Problems of mapping ${mapping.index + 1} of the text`}
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Row</Table.Th>
            <Table.Th>Line of the mapping</Table.Th>
            <Table.Th>Problem</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sorted.map(({ row, pointer, line, code, message, hint }) => (
            <Table.Tr key={`${pointer} ${code} ${message}`}>
              <Table.Td>{row ?? pointer}</Table.Td>
              <Table.Td>{line ?? ''}</Table.Td>
              <Table.Td>
                {message} {hint ?? ''}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
