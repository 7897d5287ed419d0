import { Alert, Button, Code, Group, List, Stack, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call, read } from '../api.ts';
import { PageLink } from '../page-link.tsx';
import { useMay } from '../use-may.ts';
import { Failure, Waiting } from '../waiting.tsx';
import type { ErrorGroupDetail, Retried } from './error-types.ts';
import { FixMapping } from './fix-mapping.tsx';

/** So many of what waits are shown; the number is exact. */
const SHOWN = 5;

interface GroupProps {
  readonly id: string;
  /** The row of the mapping is opened with it. */
  readonly fixesAtOnce: boolean;
}

/** One cause: what it is, what waits for it, and what can be done about it, all in one place. */
export function GroupPane({ id, fixesAtOnce }: GroupProps) {
  const group = useQuery({
    queryKey: ['error-group', id],
    queryFn: ({ signal }) => read<ErrorGroupDetail>(`/errors/groups/${id}`, signal),
    // It is asked for anew each time it is opened; while it is open it stays, retried or not.
    gcTime: 0,
  });
  return (
    <Waiting query={group}>
      {group.data === undefined ? null : <Cause group={group.data} fixesAtOnce={fixesAtOnce} />}
    </Waiting>
  );
}

interface CauseProps {
  readonly group: ErrorGroupDetail;
  readonly fixesAtOnce: boolean;
}

function Cause({ group, fixesAtOnce }: CauseProps) {
  const [fixes, setFixes] = useState(fixesAtOnce);
  const may = useMay();
  const { mappingId, members, count } = group;
  const isMapping = group.class === 'mapping' && mappingId !== null;
  return (
    <Stack component="section" aria-label="Cause">
      <Title order={2} size="h4">
        {group.message}
      </Title>
      <Text>{group.advice}</Text>
      <List size="sm">
        {members.slice(0, SHOWN).map((member) => (
          <List.Item key={member.id}>
            <Code>{member.record}</Code>: {member.message}
          </List.Item>
        ))}
      </List>
      {count > SHOWN ? <Text size="sm">and {count - SHOWN} more</Text> : null}
      <Group>
        {isMapping && may.can('mappings:write') ? (
          <Button variant={fixes ? 'default' : 'filled'} onClick={() => setFixes(true)}>
            Fix mapping
          </Button>
        ) : null}
        {isMapping ? (
          <PageLink to={`/mappings/${encodeURIComponent(mappingId)}`}>Open {mappingId}</PageLink>
        ) : null}
      </Group>
      {fixes && mappingId !== null ? (
        <FixMapping id={mappingId} field={group.field} records={members.map((m) => m.record)} />
      ) : null}
      {may.can('errors:retry') ? <Retry id={group.id} count={count} /> : null}
    </Stack>
  );
}

interface RetryProps {
  readonly id: string;
  readonly count: number;
}

function Retry({ id, count }: RetryProps) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [retried, setRetried] = useState<Retried | null>(null);
  const [error, setError] = useState<Error | null>(null);

  async function retry() {
    setBusy(true);
    try {
      setRetried((await call<Retried>(`/errors/${id}:retry`, { method: 'POST' })).body);
      setError(null);
    } catch (problem) {
      setError(problem instanceof Error ? problem : new Error(String(problem)));
    }
    setBusy(false);
    await queries.invalidateQueries({ queryKey: ['errors'] });
  }

  return (
    <>
      {error === null ? null : <Failure error={error} />}
      <Group>
        <Button loading={busy} onClick={() => void retry()}>
          Retry {count}
        </Button>
      </Group>
      {retried === null ? null : (
        <Alert color="teal" title="They are tried again" aria-live="polite">
          {retried.records} records, {retried.intents} writes, {retried.work} pieces of work. Look
          again to see what is left.
        </Alert>
      )}
    </>
  );
}
