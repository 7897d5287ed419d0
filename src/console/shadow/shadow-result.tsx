import { Button, Group, Stack, Table, Text, Title } from '@mantine/core';
import { call } from '../api.ts';
import { useMay } from '../use-may.ts';
import { useWrite } from '../use-write.ts';
import { WriteProblem } from '../write-problem.tsx';
import { ShadowRecords } from './shadow-records.tsx';
import type { ShadowRun } from './shadow-types.ts';
import { mostDiffering, OUTCOMES, stateWords } from './shadow-words.ts';

interface Props {
  readonly id: string;
  readonly run: ShadowRun;
}

/** One shadow run: its totals, which are exact, and the records that differ. */
export function ShadowResult({ id, run }: Props) {
  const fields = mostDiffering(run.fields);
  return (
    <Stack component="section" aria-label="Result of the shadow run">
      <Group>
        <Text aria-live="polite">{stateWords(run)}</Text>
        {run.state === 'running' ? <Cancel id={id} run={run} /> : null}
      </Group>
      <Counts
        label="Outcomes"
        head="What would become of a record"
        rows={OUTCOMES.map(({ value, label }) => [label, run.counts[value] ?? 0])}
      />
      {fields.length === 0 ? (
        <Text>No field differs.</Text>
      ) : (
        <Counts label="Fields that differ" head="Field" rows={fields} />
      )}
      {run.state === 'running' || run.differing === 0 ? null : (
        <>
          <Title order={2} size="h4">
            Records that differ: {run.differing}
          </Title>
          <ShadowRecords runId={run.id} />
        </>
      )}
    </Stack>
  );
}

interface CountsProps {
  readonly label: string;
  readonly head: string;
  readonly rows: readonly (readonly [name: string, records: number])[];
}

function Counts({ label, head, rows }: CountsProps) {
  return (
    <Table aria-label={label} maw={600}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{head}</Table.Th>
          <Table.Th ta="right">Records</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([name, records]) => (
          <Table.Tr key={name}>
            <Table.Td>{name}</Table.Td>
            <Table.Td ta="right">{records}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Cancel({ id, run: { id: runId } }: Props) {
  const mayWrite = useMay().can('mappings:write');
  const { run, busy, error } = useWrite(id);
  if (!mayWrite) return null;
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        loading={busy}
        onClick={() => void run(() => call(`/shadow-runs/${runId}:cancel`, { method: 'POST' }))}
      >
        Cancel
      </Button>
      <WriteProblem error={error} />
    </>
  );
}
