import { Button, Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Answer } from '../api.ts';
import type { Draft } from '../mapping-types.ts';
import { ImpactButton } from '../review/impact-button.tsx';
import { useMay } from '../use-may.ts';
import { useWrite } from '../use-write.ts';
import { WriteProblem } from '../write-problem.tsx';
import { asRowEdits, type Edits } from './edits.ts';
import { approveAndPublish, saveEdits, submitDraft } from './put-in-effect.ts';

interface Props {
  readonly id: string;
  /** What the edits go on top of. */
  readonly text: string;
  readonly draft: Answer<Draft> | null;
  readonly edits: Edits | null;
  readonly onSaved: () => void;
}

/** The short way from an edited row to what is in effect: for one person where the company says so, else to who approves. */
export function PublishBar({ id, text, draft, edits, onSaved }: Props) {
  const may = useMay();
  const save = useWrite(id);
  const publish = useWrite(id);
  const [note, setNote] = useState('');
  const [replay, setReplay] = useState(true);
  const isWaiting = edits === null && draft?.body.state === 'submitted';
  if (!may.can('mappings:write') || isWaiting || (edits === null && draft === null)) return null;

  async function go() {
    let etag = draft?.etag ?? null;
    if (edits !== null) {
      const keep = async () => {
        etag = await saveEdits(id, edits);
      };
      if (!(await save.run(keep, onSaved))) return;
    }
    await publish.run(async () => {
      const words = note.trim() === '' ? wordsFor(edits) : note;
      const change = await submitDraft(id, etag ?? '', { note: words, replay });
      if (may.publishesAlone) await approveAndPublish(change);
    });
  }

  return (
    <Stack gap="xs" component="section" aria-label="Put in effect">
      <WriteProblem error={save.error ?? publish.error} />
      <Group align="end">
        <TextInput
          label="Why"
          placeholder={wordsFor(edits)}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          flex={1}
        />
        <Checkbox
          label="Map landed records again"
          checked={replay}
          onChange={(event) => setReplay(event.currentTarget.checked)}
          mb={8}
        />
        <Button loading={save.busy || publish.busy} onClick={() => void go()}>
          {may.publishesAlone ? 'Publish now' : 'Save and submit'}
        </Button>
      </Group>
      <ImpactButton id={id} body={{ text, edits: asRowEdits(edits) }} />
    </Stack>
  );
}

function wordsFor(edits: Edits | null): string {
  return edits === null ? 'Publish the draft' : `Change ${[...edits.rows.keys()].join(', ')}`;
}
