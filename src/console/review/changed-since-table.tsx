import { Stack, Table, Text } from '@mantine/core';
import { shownValue } from '../shown-value.ts';
import type { ChangedSince } from './review-types.ts';

/** Values that somebody changed since a mapping wrote them, with all three: before, written, now. */
export function ChangedSinceTable({ since }: { readonly since: ChangedSince }) {
  const { records, fields, first, complete, notes } = since;
  return (
    <Stack gap="xs" component="section" aria-label="Changed since">
      <Text>
        {fields === 0
          ? 'Nobody changed a value since it was written'
          : `Somebody changed ${fields} values of ${records} records since they were written: they are kept`}
        {complete ? '.' : '; there are more, which were not looked at.'}
      </Text>
      {notes.map((note) => (
        <Text key={note}>{note}</Text>
      ))}
      {first.length === 0 ? null : (
        <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table verticalSpacing={4} fz="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Record</Table.Th>
                <Table.Th>Field</Table.Th>
                <Table.Th>Before</Table.Th>
                <Table.Th>As written</Table.Th>
                <Table.Th>Now</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {first.map(({ object, vendorId, canonicalId, field, before, written, now }) => (
                <Table.Tr key={`${object} ${canonicalId} ${field}`}>
                  <Table.Td>
                    {object} {vendorId ?? canonicalId}
                  </Table.Td>
                  <Table.Td>{field}</Table.Td>
                  <Table.Td>{shownValue(before)}</Table.Td>
                  <Table.Td>{shownValue(written)}</Table.Td>
                  <Table.Td>{shownValue(now)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}
