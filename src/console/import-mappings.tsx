import { Alert, Button, FileInput, Group, List, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from './api.ts';
import { ImportResult, type Imported } from './import-result.tsx';
import { PageLink } from './page-link.tsx';
import { useWrite } from './use-write.ts';
import { WriteProblem } from './write-problem.tsx';

/** Mappings from elsewhere: a file, what it differs in from here or what is wrong with it, and the drafts made of it. */
export function ImportMappings() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Import
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        lockScroll={false}
        title="Import mappings"
        size="xl"
      >
        <Import />
      </Modal>
    </>
  );
}

/** The text that is being imported, and what the server told of it; a text that was changed is told nothing of. */
function useImport() {
  const [text, setText] = useState('');
  const [told, setTold] = useState<Imported | null>(null);
  const queries = useQueryClient();
  const { run, busy, error } = useWrite('');

  function take(typed: string) {
    setText(typed);
    setTold(null);
  }

  async function send(sent: string, dryRun: boolean) {
    await run(async () => {
      const body = { text: sent, dryRun };
      setTold((await call<Imported>('/mappings:import', { method: 'POST', body })).body);
      if (!dryRun) await queries.invalidateQueries();
    });
  }

  async function open(file: File | null) {
    if (file === null) return;
    const read = await file.text();
    take(read);
    await send(read, true);
  }

  return { text, told, busy, error, take, send, open };
}

function Import() {
  const { text, told, busy, error, take, send, open } = useImport();
  const isDone = told !== null && !told.dryRun;

  return (
    <Stack>
      <FileInput
        label="File"
        description="YAML as the export gives it: one mapping, or several parted by ---"
        placeholder="Choose a file"
        accept=".yaml,.yml,.json,application/yaml,application/json"
        data-autofocus
        onChange={(file) => void open(file)}
      />
      <Textarea
        label="Text"
        value={text}
        onChange={(event) => take(event.currentTarget.value)}
        autosize
        minRows={4}
        maxRows={14}
        spellCheck={false}
        styles={{ input: { fontFamily: 'monospace' } }}
      />
      <WriteProblem error={error} />
      {told === null || isDone ? null : <ImportResult mappings={told.mappings} />}
      {isDone ? <Made drafts={told.drafts} /> : null}
      <Group justify="end">
        <Button
          variant="default"
          disabled={text.trim() === '' || isDone}
          loading={busy}
          onClick={() => void send(text, true)}
        >
          Show what differs
        </Button>
        <Button
          disabled={told === null || isDone || newDrafts(told) === 0}
          loading={busy}
          onClick={() => void send(text, false)}
        >
          {told === null || isDone ? 'Make drafts' : `Make drafts (${newDrafts(told)})`}
        </Button>
      </Group>
    </Stack>
  );
}

/** How many drafts an import makes: of all that is other than here, or of none. */
function newDrafts({ mappings }: Imported): number {
  if (mappings.some(({ state }) => state === 'refused')) return 0;
  return mappings.filter(({ state }) => state !== 'same').length;
}

function Made({ drafts }: Pick<Imported, 'drafts'>) {
  return (
    <Stack gap="xs">
      <Alert
        color="teal"
        title={drafts.length === 1 ? '1 draft was made' : `${drafts.length} drafts were made`}
      >
        <Text size="sm">
          Nothing is in effect by it: each is submitted, and approved by somebody else.
        </Text>
      </Alert>
      <List size="sm">
        {drafts.map((id) => (
          <List.Item key={id}>
            <PageLink to={`/mappings/${encodeURIComponent(id)}`}>{id}</PageLink>
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}
