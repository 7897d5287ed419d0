import { Button, Group, List, Modal, Stack, Text, Textarea, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, read, type Answer } from './api.ts';
import type { Draft } from './mapping-types.ts';
import type { ChangeRequest, Difference, RequestedChange } from './review-types.ts';
import { mappingPath } from './use-mapping.ts';
import { useMe } from './use-me.ts';
import { useWrite } from './use-write.ts';
import { Waiting } from './waiting.tsx';
import { WriteProblem } from './write-problem.tsx';

/** What the draft changes, who has to agree, and the buttons of each step. */
export function ReviewTab({
  id,
  draft,
}: {
  readonly id: string;
  readonly draft: Answer<Draft> | null;
}) {
  const changes = useQuery({
    queryKey: ['changes', id],
    queryFn: ({ signal }) =>
      read<{ readonly data: readonly ChangeRequest[] }>(
        `/change-requests?mapping=${encodeURIComponent(id)}`,
        signal,
      ),
  });
  const open = (changes.data?.data ?? []).filter(({ state }) => isOpen(state));
  const isAsked = open.some(({ kind }) => kind === 'publish');
  return (
    <Stack>
      <Waiting query={changes}>
        {open.map((change) => (
          <Request key={change.id} id={id} changeId={change.id} />
        ))}
        {draft === null ? (
          <Text>No draft is open: what is in effect is all there is.</Text>
        ) : isAsked ? null : (
          <>
            <Differences id={id} />
            <Submit id={id} draft={draft} />
          </>
        )}
      </Waiting>
    </Stack>
  );
}

function isOpen(state: ChangeRequest['state']): boolean {
  return state === 'waiting' || state === 'approved' || state === 'scheduled';
}

function Differences({ id }: { readonly id: string }) {
  const diff = useQuery({
    queryKey: ['diff', id],
    queryFn: ({ signal }) =>
      read<{ readonly differences: readonly Difference[] }>(
        `${mappingPath(id)}/diff?from=live&to=draft`,
        signal,
      ),
  });
  return (
    <Waiting query={diff}>
      <Changes changes={diff.data?.differences ?? []} />
    </Waiting>
  );
}

function Changes({ changes }: { readonly changes: readonly Difference[] }) {
  return (
    <section aria-label="What changes">
      <Title order={2} size="h4">
        What changes
      </Title>
      {changes.length === 0 ? (
        <Text>Nothing: it says what is in effect.</Text>
      ) : (
        <List>
          {changes.map(({ pointer, text }) => (
            <List.Item key={`${pointer} ${text}`}>{text}</List.Item>
          ))}
        </List>
      )}
    </section>
  );
}

function Submit({ id, draft }: { readonly id: string; readonly draft: Answer<Draft> }) {
  const [note, setNote] = useState('');
  const [asks, setAsks] = useState(false);
  const { run, busy, error } = useWrite(id);
  const discard = () => call(`${mappingPath(id)}/draft`, { method: 'DELETE', ifMatch: draft.etag });
  return (
    <Stack maw={600}>
      <Textarea
        label="Why"
        description="Who approves reads this beside the changes"
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        required
      />
      <WriteProblem error={error} />
      <Group>
        <Button
          loading={busy}
          disabled={note.trim() === ''}
          onClick={() =>
            void run(() =>
              call(`${mappingPath(id)}:submit`, {
                method: 'POST',
                body: { note },
                ifMatch: draft.etag,
              }),
            )
          }
        >
          Submit for approval
        </Button>
        <Button variant="default" loading={busy} onClick={() => setAsks(true)}>
          Throw the draft away
        </Button>
      </Group>
      <Modal
        opened={asks}
        onClose={() => setAsks(false)}
        lockScroll={false}
        title="Throw the draft away?"
      >
        <Text>Revision {draft.body.revision} is gone then, and nobody can bring it back.</Text>
        <Group justify="end" mt="md">
          <Button variant="default" onClick={() => setAsks(false)}>
            Keep it
          </Button>
          <Button
            color="red"
            loading={busy}
            onClick={() => void run(discard).then(() => setAsks(false))}
          >
            Throw it away
          </Button>
        </Group>
      </Modal>
    </Stack>
  );
}

/** A request with its own content: the draft may say something else by the time somebody approves. */
function Request({ id, changeId }: { readonly id: string; readonly changeId: string }) {
  const change = useQuery({
    queryKey: ['changes', id, changeId],
    queryFn: ({ signal }) => read<RequestedChange>(`/change-requests/${changeId}`, signal),
  });
  return (
    <Waiting query={change}>
      {change.data === undefined ? null : <Decision id={id} change={change.data} />}
    </Waiting>
  );
}

function Decision({ id, change }: { readonly id: string; readonly change: RequestedChange }) {
  const me = useMe();
  const { run, busy, error } = useWrite(id);
  const can = (permission: string) => me?.permissions.includes(permission) === true;
  const act = (verb: string, body?: unknown) =>
    void run(() => call(`/change-requests/${change.id}:${verb}`, { method: 'POST', body }));
  return (
    <section aria-label="Change request">
      <Stack>
        <Title order={2} size="h4">
          {STATE_WORDS[change.state]}
        </Title>
        <Text>
          {change.rolledBackTo === null ? '' : `Back to version ${change.rolledBackTo}: `}
          {change.note} (submitted by {change.submittedBy})
        </Text>
        <Changes changes={change.differences} />
        <List>
          {change.checks.map(({ name, ok, detail }) => (
            <List.Item key={name}>
              {ok ? '✓' : '✗'} {name}: {detail}
            </List.Item>
          ))}
        </List>
        <WriteProblem error={error} />
        <Group>
          {change.state === 'waiting' && can('mappings:approve') ? (
            <Button loading={busy} onClick={() => act('approve', { hash: change.hash })}>
              Approve
            </Button>
          ) : null}
          {change.state === 'approved' && can('mappings:publish') ? (
            <Button loading={busy} onClick={() => act('publish', {})}>
              Publish now
            </Button>
          ) : null}
          {can('mappings:write') ? (
            <Button variant="default" loading={busy} onClick={() => act('withdraw')}>
              Withdraw
            </Button>
          ) : null}
        </Group>
      </Stack>
    </section>
  );
}

const STATE_WORDS = {
  waiting: 'Waiting for approval by somebody else',
  approved: 'Approved, and ready to publish',
  returned: 'Returned',
  declined: 'Declined',
  withdrawn: 'Withdrawn',
  scheduled: 'Approved, to be published later',
  published: 'Published',
} as const satisfies Record<ChangeRequest['state'], string>;
