import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { call } from '../api.ts';
import { useMay, type May } from '../use-may.ts';
import { useWrite } from '../use-write.ts';
import { WriteProblem } from '../write-problem.tsx';
import type { RequestedChange } from './review-types.ts';

interface StepProps {
  readonly change: RequestedChange;
  readonly may: May;
  readonly busy: boolean;
  readonly act: (verb: string, body?: unknown) => void;
}

/** The steps that this person may take with a request as it is now. */
export function ChangeActions({ change }: { readonly change: RequestedChange }) {
  const may = useMay();
  const { run, busy, error } = useWrite(change.mappingId);
  const act = (verb: string, body?: unknown) =>
    void run(() => call(`/change-requests/${change.id}:${verb}`, { method: 'POST', body }));
  const steps = { change, may, busy, act };
  return (
    <Stack>
      <WriteProblem error={error} />
      <Group>
        <Approve {...steps} />
        {change.state !== 'waiting' && may.can('mappings:publish') ? (
          <Button loading={busy} onClick={() => act('publish', {})}>
            Publish now
          </Button>
        ) : null}
        {may.can('mappings:write') && may.wrote(change) ? (
          <Button variant="default" loading={busy} onClick={() => act('withdraw')}>
            Withdraw
          </Button>
        ) : null}
      </Group>
      {change.state !== 'waiting' && may.can('mappings:publish') ? <Schedule {...steps} /> : null}
      {may.can('mappings:approve') ? <SendBack {...steps} /> : null}
    </Stack>
  );
}

/** Where two persons are asked for, who wrote it is told so instead of being refused. */
function Approve({ change, may, busy, act }: StepProps) {
  if (change.state !== 'waiting' || !may.can('mappings:approve')) return null;
  if (may.needsSecondPerson && may.wrote(change))
    return <Text>You wrote or submitted this: somebody else approves it.</Text>;
  return (
    <Button loading={busy} onClick={() => act('approve', { hash: change.hash })}>
      Approve
    </Button>
  );
}

function Schedule({ busy, act }: StepProps) {
  const [at, setAt] = useState('');
  return (
    <Group align="end">
      <TextInput
        type="datetime-local"
        label="Publish at"
        description="In the time zone of this browser"
        value={at}
        onChange={(event) => setAt(event.currentTarget.value)}
      />
      <Button
        variant="default"
        loading={busy}
        disabled={Number.isNaN(Date.parse(at))}
        onClick={() => act('publish', { at: new Date(at).toISOString() })}
      >
        Publish then
      </Button>
    </Group>
  );
}

/** Returned, they go on with the same draft; declined, the answer is no. Both say why. */
function SendBack({ busy, act }: StepProps) {
  const [comment, setComment] = useState('');
  const isEmpty = comment.trim() === '';
  return (
    <Stack gap="xs" maw={600}>
      <Textarea
        label="What is to be done, or why not"
        description="Those who wrote it read this"
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        autosize
      />
      <Group>
        <Button
          variant="default"
          loading={busy}
          disabled={isEmpty}
          onClick={() => act('return', { comment })}
        >
          Return
        </Button>
        <Button
          variant="default"
          loading={busy}
          disabled={isEmpty}
          onClick={() => act('decline', { comment })}
        >
          Decline
        </Button>
      </Group>
    </Stack>
  );
}
