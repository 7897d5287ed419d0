import { Button, Checkbox, Group, Modal, Stack, Table, Text, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, readAll } from './api.ts';
import type { Version } from './review-types.ts';
import { mappingPath } from './use-mapping.ts';
import { useWrite } from './use-write.ts';
import { Waiting } from './waiting.tsx';
import { WriteProblem } from './write-problem.tsx';

/** Every version that was ever in effect here, and the way back to it. */
export function VersionsTab({ id, live }: { readonly id: string; readonly live: number | null }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const versions = useQuery({
    queryKey: ['versions', id],
    queryFn: ({ signal }) => readAll<Version>(`${mappingPath(id)}/versions`, signal),
  });
  return (
    <Waiting query={versions}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Version</Table.Th>
            <Table.Th>Published</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th>Why</Table.Th>
            <Table.Th>Roll back</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {(versions.data ?? []).map(({ version, publishedAt, publishedBy, note }) => (
            <Table.Tr key={version}>
              <Table.Td>{version === live ? `${version} (in effect)` : version}</Table.Td>
              <Table.Td>
                {publishedAt === null ? (
                  'shipped'
                ) : (
                  <time dateTime={publishedAt}>{new Date(publishedAt).toLocaleString()}</time>
                )}
              </Table.Td>
              <Table.Td>{publishedBy}</Table.Td>
              <Table.Td>{note}</Table.Td>
              <Table.Td>
                {version === live ? null : (
                  <Button size="compact-sm" variant="default" onClick={() => setChosen(version)}>
                    Back to version {version}
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {chosen === null ? null : (
        <RollBack id={id} version={chosen} onClose={() => setChosen(null)} />
      )}
    </Waiting>
  );
}

interface RollBackProps {
  readonly id: string;
  readonly version: number;
  readonly onClose: () => void;
}

function RollBack({ id, version, onClose }: RollBackProps) {
  const [note, setNote] = useState('');
  const [restore, setRestore] = useState(true);
  const { run, busy, error } = useWrite(id);
  const ask = () =>
    call(`${mappingPath(id)}:rollback`, { method: 'POST', body: { version, restore, note } });
  return (
    <Modal opened onClose={onClose} lockScroll={false} title={`Roll back to version ${version}`}>
      <Stack>
        <Text>
          This asks for a new version with the content of version {version}. Somebody else approves
          it, as any change.
        </Text>
        <Textarea
          label="Why"
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          required
        />
        <Checkbox
          label="Also restore the records that the version in effect wrote"
          checked={restore}
          onChange={(event) => setRestore(event.currentTarget.checked)}
        />
        <WriteProblem error={error} />
        <Group justify="end">
          <Button
            loading={busy}
            disabled={note.trim() === ''}
            onClick={() => void run(ask).then((done) => (done ? onClose() : undefined))}
          >
            Ask for it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
