import { Alert, Badge, Select, Stack, Table, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { ApiError } from '../api.ts';
import type { PreviewField, PreviewRecord } from './preview-types.ts';
import { shownValue } from '../shown-value.ts';
import { Failure } from '../waiting.tsx';
import { ProblemList } from '../write-problem.tsx';
import { usePreview, type Previewed } from './use-preview.ts';

/** What records become under the rows as they stand in the form: beside what is in effect, and what the target holds. */
export function PreviewPanel(previewed: Previewed) {
  const { only } = previewed;
  const [record, setRecord] = useState<string | null>(null);
  const preview = usePreview(previewed);
  const records = preview.data?.records ?? [];
  const shown = records.find((each) => each.id === record) ?? records[0];
  return (
    <Stack component="section" aria-label="Preview">
      <Title order={2} size="h4">
        Preview
      </Title>
      {preview.error === null ? null : <Refused error={preview.error} />}
      {preview.isPending ? <Text>Mapping a sample …</Text> : null}
      {(preview.data?.notes ?? []).map((note) => (
        <Text key={note}>{note}</Text>
      ))}
      {shown === undefined ? null : (
        <>
          {only === undefined ? (
            <Select
              label="Record"
              data={records.map((each) => ({ value: each.id, label: labelOf(each) }))}
              value={shown.id}
              allowDeselect={false}
              onChange={setRecord}
            />
          ) : null}
          <Outcome record={shown} />
        </>
      )}
    </Stack>
  );
}

/** Rows that do not fit yet are no failure: the problems say what is missing. */
function Refused({ error }: { readonly error: Error }) {
  if (!(error instanceof ApiError) || error.status !== 422) return <Failure error={error} />;
  return (
    <Alert color="orange" title="These rows do not fit yet">
      {error.problems.length === 0 ? error.message : <ProblemList problems={error.problems} />}
    </Alert>
  );
}

function labelOf({ id, why, kind }: PreviewRecord): string {
  return [id, ...why, ...(kind === 'mapped' ? [] : [kind])].join(' · ');
}

function Outcome({ record }: { readonly record: PreviewRecord }) {
  return (
    <>
      {record.error === null ? null : (
        <Alert color="orange" title="This record does not map">
          {record.error.message}
        </Alert>
      )}
      {record.kind === 'skipped' ? <Text>The condition leaves this record out.</Text> : null}
      {record.items.map((item) => (
        <Fields key={item.ref} fields={item.fields} presentKnown={record.presentKnown} />
      ))}
    </>
  );
}

interface FieldsProps {
  readonly fields: readonly PreviewField[];
  readonly presentKnown: boolean;
}

function Fields({ fields, presentKnown }: FieldsProps) {
  return (
    <Table.ScrollContainer minWidth={420} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing={4} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>As edited</Table.Th>
            <Table.Th>In effect</Table.Th>
            <Table.Th>Held now</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map((field) => (
            <Table.Tr key={field.field}>
              <Table.Td>
                {field.field}
                {field.differs ? (
                  <Badge ml={6} size="sm" variant="dot" color="orange" tt="none">
                    differs
                  </Badge>
                ) : null}
              </Table.Td>
              <Table.Td>{field.error?.message ?? shownValue(field.draft)}</Table.Td>
              <Table.Td>{shownValue(field.live)}</Table.Td>
              <Table.Td>{presentKnown ? shownValue(field.present) : 'unknown'}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
