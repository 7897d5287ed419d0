import { Button, Group, NumberInput, Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, read } from '../api.ts';
import { asRowEdits, type Edits } from '../editor/edits.ts';
import { mappingPath } from '../use-mapping.ts';
import { useMay } from '../use-may.ts';
import { useWrite } from '../use-write.ts';
import { Waiting } from '../waiting.tsx';
import { WriteProblem } from '../write-problem.tsx';
import { ShadowResult } from './shadow-result.tsx';
import type { ShadowRun } from './shadow-types.ts';

interface Props {
  readonly id: string;
  /** The draft, or what is in effect where there is none. */
  readonly text: string;
  readonly edits: Edits | null;
}

const RECORDS = 10_000;
const MOST = 100_000;
const LOOK_EVERY_MS = 1_000;

/** The records that landed last under the draft, beside what is in effect: totals, fields, and each record that differs. */
export function ShadowTab({ id, text, edits }: Props) {
  const [chosen, setChosen] = useState<string | null>(null);
  const { run, busy, error } = useWrite(id);
  const runs = useRuns(id, busy);
  const mayWrite = useMay().can('mappings:write');
  const shown = runs.data?.find((each) => each.id === chosen) ?? runs.data?.[0];

  function start(records: number) {
    setChosen(null);
    const body = { text, edits: asRowEdits(edits), records };
    void run(() => call(`${mappingPath(id)}:shadow`, { method: 'POST', body }));
  }

  return (
    <Stack>
      <Text>
        A shadow run maps records that landed with the draft
        {edits === null ? '' : ' and what is unsaved'}, compares them with what is in effect and
        with what the target holds, and writes nothing.
      </Text>
      {mayWrite ? <Start busy={busy} onStart={start} /> : null}
      <WriteProblem error={error} />
      <Waiting query={runs}>
        {runs.data === undefined || shown === undefined ? (
          <Text>Nobody has run it yet.</Text>
        ) : (
          <>
            <Select
              label="Shadow run"
              data={runs.data.map((each) => ({ value: each.id, label: labelOf(each) }))}
              value={shown.id}
              allowDeselect={false}
              onChange={setChosen}
              maw={600}
            />
            <ShadowResult key={shown.id} id={id} run={shown} />
          </>
        )}
      </Waiting>
    </Stack>
  );
}

interface StartProps {
  readonly busy: boolean;
  readonly onStart: (records: number) => void;
}

function Start({ busy, onStart }: StartProps) {
  const [records, setRecords] = useState<number>(RECORDS);
  return (
    <Group align="end">
      <NumberInput
        label="Records that landed last"
        value={records}
        min={1}
        max={MOST}
        allowDecimal={false}
        clampBehavior="strict"
        onChange={(value) => setRecords(Number(value) || 1)}
      />
      <Button loading={busy} onClick={() => onStart(records)}>
        Run in the shadow
      </Button>
    </Group>
  );
}

/** The latest runs, looked at again for as long as one of them is under way. */
function useRuns(id: string, isStarting: boolean) {
  return useQuery({
    queryKey: ['shadow-runs', id],
    queryFn: async ({ signal }) => {
      const path = `/shadow-runs?mapping=${encodeURIComponent(id)}`;
      return (await read<{ readonly data: readonly ShadowRun[] }>(path, signal)).data;
    },
    refetchInterval: ({ state }) => {
      const isUnderWay = state.data?.some((each) => each.state === 'running') === true;
      return isStarting || isUnderWay ? LOOK_EVERY_MS : false;
    },
  });
}

function labelOf({ startedAt, requestedBy, connection, object, differing }: ShadowRun): string {
  const when = new Date(startedAt).toLocaleString();
  return `${when} · ${connection} ${object} · ${differing} differ · ${requestedBy}`;
}
