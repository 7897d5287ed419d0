import { Button, Group, Select, Stack, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { readAll } from '../api.ts';
import { Differences } from '../review/differences.tsx';
import type { Version } from '../review/review-types.ts';
import { useMay } from '../use-may.ts';
import { mappingPath } from '../use-mapping.ts';
import { Waiting } from '../waiting.tsx';
import { RollBack } from './roll-back.tsx';

interface Props {
  readonly id: string;
  readonly live: number | null;
}

/** Every version that was ever in effect here, what any two differ in, and the way back. */
export function VersionsTab({ id, live }: Props) {
  const [chosen, setChosen] = useState<number | null>(null);
  const [pair, setPair] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const versions = useQuery({
    queryKey: ['versions', id],
    queryFn: ({ signal }) => readAll<Version>(`${mappingPath(id)}/versions`, signal),
  });
  const all = versions.data ?? [];
  const numbers = all.map(({ version }) => version);
  return (
    <Waiting query={versions}>
      <Stack>
        <VersionTable
          versions={all}
          live={live}
          onRollBack={setChosen}
          onCompare={(to) => setPair({ from: numbers[numbers.indexOf(to) + 1] ?? to, to })}
        />
        {pair === null ? null : (
          <>
            <Group>
              <Pick
                label="From version"
                {...{ numbers }}
                value={pair.from}
                onPick={(from) => setPair({ ...pair, from })}
              />
              <Pick
                label="To version"
                {...{ numbers }}
                value={pair.to}
                onPick={(to) => setPair({ ...pair, to })}
              />
            </Group>
            <Differences
              id={id}
              {...pair}
              title={`From version ${pair.from} to version ${pair.to}`}
            />
          </>
        )}
        {chosen === null ? null : (
          <RollBack id={id} version={chosen} onClose={() => setChosen(null)} />
        )}
      </Stack>
    </Waiting>
  );
}

interface PickProps {
  readonly label: string;
  readonly numbers: readonly number[];
  readonly value: number;
  readonly onPick: (version: number) => void;
}

function Pick({ label, numbers, value, onPick }: PickProps) {
  return (
    <Select
      label={label}
      data={numbers.map(String)}
      value={String(value)}
      allowDeselect={false}
      onChange={(version) => onPick(Number(version))}
    />
  );
}

interface TableProps {
  readonly versions: readonly Version[];
  readonly live: number | null;
  readonly onRollBack: (version: number) => void;
  readonly onCompare: (version: number) => void;
}

function VersionTable({ versions, live, onRollBack, onCompare }: TableProps) {
  const mayWrite = useMay().can('mappings:write');
  const oldest = versions.at(-1)?.version;
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Version</Table.Th>
          <Table.Th>Published</Table.Th>
          <Table.Th>By</Table.Th>
          <Table.Th>Why</Table.Th>
          <Table.Th>Steps</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {versions.map(({ version, publishedAt, publishedBy, note }) => (
          <Table.Tr key={version}>
            <Table.Td>{version === live ? `${version} (in effect)` : version}</Table.Td>
            <Table.Td>{publishedAt === null ? 'shipped' : <When at={publishedAt} />}</Table.Td>
            <Table.Td>{publishedBy}</Table.Td>
            <Table.Td>{note}</Table.Td>
            <Table.Td>
              <Group gap="xs">
                {version === oldest ? null : (
                  <Button size="compact-sm" variant="default" onClick={() => onCompare(version)}>
                    What version {version} changed
                  </Button>
                )}
                {version === live || !mayWrite ? null : (
                  <Button size="compact-sm" variant="default" onClick={() => onRollBack(version)}>
                    Back to version {version}
                  </Button>
                )}
              </Group>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function When({ at }: { readonly at: string }) {
  return <time dateTime={at}>{new Date(at).toLocaleString()}</time>;
}
