import { Button, Checkbox, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api.ts';
import { Changes } from '../review/differences.tsx';
import { RollBackSums } from '../review/impact-report.tsx';
import type { Difference, RollBackCounts } from '../review/review-types.ts';
import { mappingPath } from '../use-mapping.ts';
import { useWrite } from '../use-write.ts';
import { Waiting } from '../waiting.tsx';
import { WriteProblem } from '../write-problem.tsx';

interface Props {
  readonly id: string;
  readonly version: number;
  readonly onClose: () => void;
}

interface DryRun {
  readonly preview: RollBackCounts & {
    readonly from: number;
    readonly differences: readonly Difference[];
  };
}

/** What a roll back would change, counted before anybody can ask for it. */
export function RollBack({ id, version, onClose }: Props) {
  const dryRun = useQuery({
    queryKey: ['roll-back', id, version],
    gcTime: 0,
    queryFn: async ({ signal }) => {
      const body = { version, dryRun: true };
      const path = `${mappingPath(id)}:rollback`;
      return (await call<DryRun>(path, { method: 'POST', body, signal })).body.preview;
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      lockScroll={false}
      size="lg"
      title={`Roll back to version ${version}`}
    >
      <Stack>
        <Text>
          This asks for a new version with the content of version {version}. It is approved as any
          change is.
        </Text>
        <Waiting query={dryRun}>
          {dryRun.data === undefined ? null : (
            <>
              <Changes title="What changes" changes={dryRun.data.differences} />
              <section aria-label="Dry run">
                <RollBackSums counts={dryRun.data} />
              </section>
              <Ask id={id} version={version} counts={dryRun.data} onClose={onClose} />
            </>
          )}
        </Waiting>
      </Stack>
    </Modal>
  );
}

function Ask({ id, version, counts, onClose }: Props & { readonly counts: RollBackCounts }) {
  const [note, setNote] = useState('');
  const [restore, setRestore] = useState(true);
  const [overwrite, setOverwrite] = useState(false);
  const { run, busy, error } = useWrite(id);
  const changedSince = counts.changedSince?.fields ?? 0;
  const ask = () =>
    call(`${mappingPath(id)}:rollback`, {
      method: 'POST',
      body: { version, restore, note, ...(restore && overwrite ? { overwrite } : {}) },
    });
  return (
    <>
      <Textarea
        label="Why"
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        required
      />
      {counts.records === null ? null : (
        <Checkbox
          label="Also restore the records that the undone versions wrote"
          checked={restore}
          onChange={(event) => setRestore(event.currentTarget.checked)}
        />
      )}
      {restore && changedSince > 0 ? (
        <Checkbox
          label={`Also the values that somebody changed since (${changedSince})`}
          checked={overwrite}
          onChange={(event) => setOverwrite(event.currentTarget.checked)}
        />
      ) : null}
      <WriteProblem error={error} />
      <Group justify="end">
        <Button loading={busy} disabled={note.trim() === ''} onClick={() => void run(ask, onClose)}>
          Ask for it
        </Button>
      </Group>
    </>
  );
}
