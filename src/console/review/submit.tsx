import { Button, Checkbox, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { call, type Answer } from '../api.ts';
import { submitDraft } from '../editor/put-in-effect.ts';
import type { Draft } from '../mapping-types.ts';
import { mappingPath } from '../use-mapping.ts';
import { useWrite } from '../use-write.ts';
import { WriteProblem } from '../write-problem.tsx';

interface Props {
  readonly id: string;
  readonly draft: Answer<Draft>;
}

/** Asks for the draft to be put in effect, or throws it away. */
export function Submit({ id, draft }: Props) {
  const [note, setNote] = useState('');
  const [replay, setReplay] = useState(true);
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
      <Checkbox
        label="Map landed records again once it is in effect"
        checked={replay}
        onChange={(event) => setReplay(event.currentTarget.checked)}
      />
      <WriteProblem error={error} />
      <Group>
        <Button
          loading={busy}
          disabled={note.trim() === ''}
          onClick={() => void run(() => submitDraft(id, draft.etag ?? '', { note, replay }))}
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
