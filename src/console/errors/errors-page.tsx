import { Button, Grid, Group, Stack, Table, Text, Title, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { readAll } from '../api.ts';
import { leaveBy } from '../location.ts';
import { useMay } from '../use-may.ts';
import { Waiting } from '../waiting.tsx';
import type { ErrorGroup } from './error-types.ts';
import { GroupPane } from './group-pane.tsx';

interface Chosen {
  readonly id: string;
  readonly fixesAtOnce: boolean;
}

/** What waits for a person, by cause; the chosen one beside it, where its mapping is mended and all of it is tried again. */
export function ErrorsPage() {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const groups = useQuery({
    queryKey: ['errors'],
    queryFn: ({ signal }) => readAll<ErrorGroup>('/errors/groups', signal),
  });
  const all = groups.data ?? [];
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1}>Errors</Title>
        <Button variant="default" loading={groups.isFetching} onClick={() => void groups.refetch()}>
          Look again
        </Button>
      </Group>
      <Waiting query={groups}>
        <Grid>
          <Grid.Col span={{ base: 12, lg: chosen === null ? 12 : 5 }}>
            {all.length === 0 ? (
              <Text>Nothing waits for a person.</Text>
            ) : (
              <Causes
                groups={all}
                chosen={chosen?.id ?? null}
                onChoose={(next) => leaveBy(() => setChosen(next))}
              />
            )}
          </Grid.Col>
          {chosen === null ? null : (
            <Grid.Col span={{ base: 12, lg: 7 }}>
              <GroupPane key={`${chosen.id} ${chosen.fixesAtOnce}`} {...chosen} />
            </Grid.Col>
          )}
        </Grid>
      </Waiting>
    </Stack>
  );
}

interface CausesProps {
  readonly groups: readonly ErrorGroup[];
  readonly chosen: string | null;
  readonly onChoose: (chosen: Chosen) => void;
}

function Causes({ groups, chosen, onChoose }: CausesProps) {
  const mayFix = useMay().can('mappings:write');
  return (
    <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing={4} aria-label="Causes">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Cause</Table.Th>
            <Table.Th>Where</Table.Th>
            <Table.Th>Waits</Table.Th>
            <Table.Th>Money</Table.Th>
            <Table.Th>Owner</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {groups.map((group) => (
            <Table.Tr
              key={group.id}
              {...(group.id === chosen ? { bg: 'var(--mantine-color-default-hover)' } : {})}
            >
              <Table.Td>
                <UnstyledButton
                  td="underline"
                  aria-current={group.id === chosen}
                  onClick={() => onChoose({ id: group.id, fixesAtOnce: false })}
                >
                  {group.message}
                </UnstyledButton>
                {mayFix && group.class === 'mapping' && group.mappingId !== null ? (
                  <Button
                    mt={4}
                    display="block"
                    size="compact-sm"
                    variant="default"
                    aria-label={`Fix mapping: ${group.message}`}
                    onClick={() => onChoose({ id: group.id, fixesAtOnce: true })}
                  >
                    Fix mapping
                  </Button>
                ) : null}
              </Table.Td>
              <Table.Td>
                {group.system} · {group.object}
                {group.field === null ? '' : ` · ${group.field}`}
              </Table.Td>
              <Table.Td>{group.count}</Table.Td>
              <Table.Td>
                {group.money.map(({ amount, currency }) => `${amount} ${currency}`).join(', ')}
              </Table.Td>
              <Table.Td>{group.owner?.name ?? 'nobody'}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
