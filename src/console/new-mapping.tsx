import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, readAll } from './api.ts';
import { goTo } from './location.ts';
import type { MappingSummary } from './mapping-types.ts';
import { useWrite } from './use-write.ts';
import { WriteProblem } from './write-problem.tsx';

interface Props {
  /** What may be begun with. */
  readonly mappings: readonly MappingSummary[];
}

/** The way to a mapping of one's own: it begins with the rows of one that is there. */
export function NewMapping({ mappings }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>New mapping</Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        lockScroll={false}
        title="New mapping"
        size="lg"
      >
        <Begin mappings={mappings.filter(({ live }) => live !== null)} />
      </Modal>
    </>
  );
}

interface Chosen {
  readonly template: string | null;
  readonly id: string;
  readonly title: string;
  readonly connection: string | null;
  readonly object: string | null;
}

const NOTHING: Chosen = { template: null, id: '', title: '', connection: null, object: null };

function Begin({ mappings }: Props) {
  const [chosen, setChosen] = useState(NOTHING);
  const set = (part: Partial<Chosen>) => setChosen({ ...chosen, ...part });
  const { run, busy, error } = useWrite(chosen.id);
  const template = mappings.find(({ id }) => id === chosen.template);
  const isReady = template !== undefined && chosen.id.trim() !== '';

  function begin() {
    const entries = Object.entries(chosen).filter(([, value]) => value !== null && value !== '');
    const body = Object.fromEntries(entries);
    const path = `/mappings/${encodeURIComponent(chosen.id)}`;
    void run(() => call('/mappings', { method: 'POST', body }), () => goTo(path)); // prettier-ignore
  }

  return (
    <Stack>
      <Select
        label="Begin with the rows of"
        data={mappings.map(({ id, title }) => ({ value: id, label: `${id}: ${title}` }))}
        value={chosen.template}
        searchable
        data-autofocus
        onChange={(id) => set({ template: id, connection: null, object: null })}
      />
      {template === undefined ? null : (
        <>
          <About template={template} chosen={chosen} onChange={set} />
          <TextInput
            label="Id of the new mapping"
            placeholder="own.partner"
            value={chosen.id}
            onChange={(event) => set({ id: event.currentTarget.value.trim() })}
            required
          />
          <TextInput
            label="Title"
            value={chosen.title}
            onChange={(event) => set({ title: event.currentTarget.value })}
          />
        </>
      )}
      <Text size="sm">
        It is a draft until somebody else approves it. The tests of the other mapping come along.
      </Text>
      <WriteProblem error={error} />
      <Group justify="end">
        <Button loading={busy} disabled={!isReady} onClick={begin}>
          Begin the draft
        </Button>
      </Group>
    </Stack>
  );
}

interface AboutProps {
  readonly template: MappingSummary;
  readonly chosen: Chosen;
  readonly onChange: (part: Partial<Chosen>) => void;
}

interface Connection {
  readonly id: string;
  readonly connector: string;
}

interface ConnectedObject {
  readonly object: string;
  readonly title: string;
  readonly reads: boolean;
  readonly writes: boolean;
}

/** Which system and which of its objects the new mapping is about. */
function About({ template, chosen, onChange }: AboutProps) {
  const isInbound = template.direction === 'inbound';
  const { connection: system = '', object } = isInbound ? template.source : template.target;
  const connections = useQuery({
    queryKey: ['connections'],
    queryFn: ({ signal }) => readAll<Connection>('/connections', signal),
  });
  const all = connections.data ?? [];
  const asked = chosen.connection ?? all.find((each) => isOf(each, system))?.id;
  const objects = useQuery({
    queryKey: ['objects', asked],
    enabled: asked !== undefined,
    queryFn: ({ signal }) =>
      readAll<ConnectedObject>(`/connections/${encodeURIComponent(asked ?? '')}/objects`, signal),
  });
  const fitting = (objects.data ?? []).filter((each) => (isInbound ? each.reads : each.writes));
  return (
    <Group grow align="start">
      <Select
        label="Connection"
        placeholder={`as there: ${system}`}
        data={all.map(({ id, connector }) => ({ value: id, label: `${id} (${connector})` }))}
        value={chosen.connection}
        clearable
        onChange={(connection) => onChange({ connection, object: null })}
      />
      <Select
        label="Object"
        placeholder={`as there: ${object}`}
        data={fitting.map((each) => ({ value: each.object, label: objectLabel(each) }))}
        value={chosen.object}
        searchable
        clearable
        onChange={(name) => onChange({ object: name })}
      />
    </Group>
  );
}

/** A mapping names a connection, or the connector of any number of them. */
function isOf({ id, connector }: Connection, system: string): boolean {
  return id === system || connector === system;
}

function objectLabel({ object, title }: ConnectedObject): string {
  return title === object ? object : `${object}: ${title}`;
}
