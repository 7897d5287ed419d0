import { Alert, Button, Fieldset, Group, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, type Answer } from '../api.ts';
import { asRowEdits, overlaid, withRow, type Edits } from '../editor/edits.ts';
import { startOf } from '../editor/fields-tab.tsx';
import { PreviewPanel } from '../editor/preview-panel.tsx';
import { approveAndPublish, saveEdits, submitDraft } from '../editor/put-in-effect.ts';
import { RowForm } from '../editor/row-form.tsx';
import { LeaveGuard } from '../leave-guard.tsx';
import type { Draft, Mapping, Row } from '../mapping-types.ts';
import { PageLink } from '../page-link.tsx';
import { mappingPath, useDraft, useMapping } from '../use-mapping.ts';
import { useMay } from '../use-may.ts';
import { useWrite } from '../use-write.ts';
import { Waiting } from '../waiting.tsx';
import { WriteProblem } from '../write-problem.tsx';

interface Props {
  readonly id: string;
  /** The field that failed; null where it was the record as a whole. */
  readonly field: string | null;
  readonly records: readonly string[];
}

/**
 * The row that failed, its result on the records that failed, and the way to put the mended row in effect. Once
 * somebody has begun to mend it here it stays, whatever becomes of the draft meanwhile.
 */
export function FixMapping({ id, field, records }: Props) {
  const mapping = useMapping(id);
  const draft = useDraft(id);
  const [isBegun, setBegun] = useState(false);
  const row = field === null ? undefined : mapping.data?.body.document.fields[field];
  return (
    <Waiting query={mapping}>
      <Waiting query={draft}>
        {mapping.data === undefined ? null : draft.data !== null && !isBegun ? (
          <Text>
            A draft of this mapping is open. Go on with it on its page, so that nothing else is
            published by the way.
          </Text>
        ) : field === null || row === undefined ? (
          <Text>No single row has this. Mend it on the page of the mapping.</Text>
        ) : (
          <Mend
            mapping={mapping.data}
            draft={draft.data ?? null}
            field={field}
            records={records}
            onBegin={() => setBegun(true)}
          />
        )}
      </Waiting>
    </Waiting>
  );
}

interface MendProps {
  readonly mapping: Answer<Mapping>;
  readonly draft: Answer<Draft> | null;
  readonly field: string;
  readonly records: readonly string[];
  readonly onBegin: () => void;
}

function Mend({ mapping, draft, field, records, onBegin }: MendProps) {
  const { id, text } = mapping.body;
  const [edits, setEdits] = useState<Edits | null>(null);
  const [record, setRecord] = useState(records[0] ?? '');
  const [rested] = useDebouncedValue(edits, 120);
  const now = startOf(mapping, null);
  const change = (row: Row) => {
    onBegin();
    setEdits(withRow(edits, now, field, row));
  };
  // What was saved here and could not be submitted is gone on with.
  const onKept = (etag: string | null) =>
    setEdits((all) => (all === null ? null : { ...all, start: { ...all.start, etag } }));
  const isTheirs = edits !== null && draft !== null && draft.etag !== edits.start.etag;
  return (
    <Fieldset legend={`Fix ${id}`}>
      <LeaveGuard unsaved={edits !== null} />
      <Stack>
        <Proposal id={id} field={field} text={text} onTake={change} />
        <RowForm
          mapping={mapping.body}
          name={field}
          row={overlaid(now.fields, edits)[field] ?? { from: 'src.' }}
          startsInSource
          onChange={change}
        />
        <Select
          label="Failing record"
          data={[...new Set(records)]}
          value={record}
          allowDeselect={false}
          searchable
          onChange={(value) => setRecord(value ?? '')}
        />
        <PreviewPanel id={id} text={text} edits={asRowEdits(rested)} only={record} />
        {isTheirs ? <TheirDraft id={id} /> : null}
        <PutInEffect
          id={id}
          field={field}
          edits={edits}
          onKept={onKept}
          onSaved={() => setEdits(null)}
        />
      </Stack>
    </Fieldset>
  );
}

/** Somebody else has begun a draft while the row was mended here. */
function TheirDraft({ id }: { readonly id: string }) {
  return (
    <Text>
      Another draft of this mapping is open by now. What you have here is kept: enter it on{' '}
      <PageLink to={`/mappings/${encodeURIComponent(id)}`}>the page of the mapping</PageLink>, so
      that nothing else is published by the way.
    </Text>
  );
}

interface ProposalProps {
  readonly id: string;
  readonly field: string;
  readonly text: string;
  readonly onTake: (row: Row) => void;
}

interface Proposed {
  readonly suggestions: readonly {
    readonly path: string;
    readonly score: number;
    readonly reason: string;
    readonly row: Row;
  }[];
}

/** What would be proposed for this field if it had no row. */
function Proposal({ id, field, text, onTake }: ProposalProps) {
  const { data } = useQuery({
    queryKey: ['proposal', id, field, text],
    queryFn: async ({ signal }) => {
      const body = { text, edits: [{ op: 'remove', row: field }], fields: [field] };
      const path = `${mappingPath(id)}:suggest`;
      return (await call<Proposed>(path, { method: 'POST', body, signal })).body;
    },
  });
  const [first] = data?.suggestions ?? [];
  if (first === undefined) return null;
  return (
    <Group>
      <Text>
        Suggested: {first.path} ({Math.round(first.score * 100)} %: {first.reason})
      </Text>
      <Button size="compact-sm" variant="default" onClick={() => onTake(first.row)}>
        Use {first.path}
      </Button>
    </Group>
  );
}

interface PutProps {
  readonly id: string;
  readonly field: string;
  readonly edits: Edits | null;
  readonly onKept: (etag: string | null) => void;
  readonly onSaved: () => void;
}

function PutInEffect({ id, field, edits, onKept, onSaved }: PutProps) {
  const may = useMay();
  const { run, busy, error } = useWrite(id);
  const [isDone, setDone] = useState(false);

  async function go(those: Edits) {
    const put = async () => {
      const etag = await saveEdits(id, those);
      onKept(etag);
      // Who retries says which records: nothing else is mapped again by the way.
      const change = await submitDraft(id, etag ?? '', { note: `Fix ${field}`, replay: false });
      if (may.publishesAlone) await approveAndPublish(change);
    };
    const done = () => {
      setDone(true);
      onSaved();
    };
    await run(put, done);
  }

  return (
    <>
      <WriteProblem error={error} />
      <Group>
        <Button
          loading={busy}
          disabled={edits === null}
          onClick={() => (edits === null ? undefined : void go(edits))}
        >
          {may.publishesAlone ? 'Publish' : 'Save and submit'}
        </Button>
      </Group>
      {isDone ? (
        <Alert
          color="teal"
          aria-live="polite"
          title={may.publishesAlone ? 'It is in effect' : 'Somebody else approves it now'}
        >
          {may.publishesAlone
            ? 'Retry the records now.'
            : 'Once it is in effect, the records can be tried again.'}
        </Alert>
      ) : null}
    </>
  );
}
