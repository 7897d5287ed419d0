import { Badge, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { readAll } from './api.ts';
import { ImportMappings } from './import-mappings.tsx';
import type { MappingSummary } from './mapping-types.ts';
import { NewMapping } from './new-mapping.tsx';
import { PageLink } from './page-link.tsx';
import { useMay } from './use-may.ts';
import { Waiting } from './waiting.tsx';

/** Every mapping: which way it goes, which version is in effect, and what is under way. */
export function MappingsPage() {
  const [filter, setFilter] = useState('');
  const mayWrite = useMay().can('mappings:write');
  const mappings = useQuery({
    queryKey: ['mappings'],
    queryFn: ({ signal }) => readAll<MappingSummary>('/mappings', signal),
  });
  const shown = (mappings.data ?? []).filter((mapping) => isAbout(mapping, filter));
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1}>Mappings</Title>
        <Group>
          <TextInput
            aria-label="Find a mapping"
            placeholder="Find a mapping"
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
          />
          {mayWrite ? <ImportMappings /> : null}
          {mayWrite ? <NewMapping mappings={mappings.data ?? []} /> : null}
        </Group>
      </Group>
      <Waiting query={mappings}>
        {shown.length === 0 ? <Text>No mapping fits “{filter}”.</Text> : <List mappings={shown} />}
      </Waiting>
    </Stack>
  );
}

function List({ mappings }: { readonly mappings: readonly MappingSummary[] }) {
  return (
    <Table.ScrollContainer minWidth={900} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table highlightOnHover stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Mapping</Table.Th>
            <Table.Th>From</Table.Th>
            <Table.Th>To</Table.Th>
            <Table.Th>In effect</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Draft</Table.Th>
            <Table.Th>Required fields</Table.Th>
            <Table.Th>Errors in 7 days</Table.Th>
            <Table.Th>Owner</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {mappings.map((mapping) => (
            <Line key={mapping.id} mapping={mapping} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Line({ mapping }: { readonly mapping: MappingSummary }) {
  const { id, title, source, target, live, draft, errors } = mapping;
  return (
    <Table.Tr>
      <Table.Td>
        <PageLink to={`/mappings/${encodeURIComponent(id)}`}>{id}</PageLink>
        <Text size="sm">{title}</Text>
      </Table.Td>
      <Table.Td>{sideOf(source)}</Table.Td>
      <Table.Td>{sideOf(target)}</Table.Td>
      <Table.Td>{live === null ? 'none' : `v${live.version} (${live.origin})`}</Table.Td>
      <Table.Td>
        <StateBadge state={mapping.state} />
      </Table.Td>
      <Table.Td>
        {draft === null ? '' : draft.state === 'open' ? 'being edited' : 'submitted'}
      </Table.Td>
      <Table.Td>
        <Covered coverage={mapping.coverage} />
      </Table.Td>
      <Table.Td>
        {errors.last7Days}
        {errors.waiting === 0 ? null : (
          <>
            {', '}
            <PageLink to="/errors">{errors.waiting} waiting</PageLink>
          </>
        )}
      </Table.Td>
      <Table.Td>
        <Owner owner={mapping.owner} />
      </Table.Td>
    </Table.Tr>
  );
}

const STATES = {
  ok: { word: '✓ works', color: 'teal' },
  degraded: { word: '! degraded', color: 'orange' },
  paused: { word: '⏸ paused', color: 'red' },
} as const;

/** A state in a sign, a word and a colour: none of them alone. */
export function StateBadge({ state }: { readonly state: MappingSummary['state'] }) {
  const { word, color } = STATES[state];
  return (
    <Badge variant="dot" color={color} tt="none">
      {word}
    </Badge>
  );
}

/** How many required fields of the target have a row. */
function Covered({ coverage }: Pick<MappingSummary, 'coverage'>) {
  if (coverage === null) return <Text size="sm">not described yet</Text>;
  const { required, mapped, missing } = coverage;
  if (missing.length === 0) return <>{`✓ ${mapped} of ${required}`}</>;
  return (
    <>
      {`! ${mapped} of ${required}`}
      <Text size="xs">no row: {missing.join(', ')}</Text>
    </>
  );
}

/** Who answers for a mapping; a word, a sign and a colour where nobody does. */
export function Owner({ owner }: Pick<MappingSummary, 'owner'>) {
  if (owner !== null) return <>{owner.name}</>;
  return (
    <Badge variant="dot" color="orange" tt="none">
      ! unowned
    </Badge>
  );
}

function sideOf(side: MappingSummary['source']): string {
  return side.connection === undefined ? side.object : `${side.connection} · ${side.object}`;
}

function isAbout(mapping: MappingSummary, filter: string): boolean {
  const text = [mapping.id, mapping.title, sideOf(mapping.source), sideOf(mapping.target)];
  return text.join(' ').toLowerCase().includes(filter.trim().toLowerCase());
}
