import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, read, type Answer } from '../api.ts';
import type { Draft, Mapping } from '../mapping-types.ts';
import { proposedChoice, type Choice, type Part } from '../three-way.ts';
import { ThreeWayTable } from '../three-way-table.tsx';
import { mappingPath } from '../use-mapping.ts';
import { useMay } from '../use-may.ts';
import { useWrite } from '../use-write.ts';
import { Waiting } from '../waiting.tsx';
import { WriteProblem } from '../write-problem.tsx';
import { Differences } from './differences.tsx';
import { notTaken, rebaseParts, takeOver } from './rebase-parts.ts';

interface Props {
  readonly mapping: Mapping;
  readonly draft: Answer<Draft>;
}

/** Says that another version came into effect since the draft was begun, and brings the draft up to it. */
export function Rebase({ mapping, draft }: Props) {
  const [opened, setOpened] = useState(false);
  const mayWrite = useMay().can('mappings:write');
  const { baseVersion } = draft.body;
  const live = mapping.live?.version ?? null;
  if (baseVersion === live || live === null) return null;
  const begun = baseVersion === null ? 'before any was' : `over version ${baseVersion}`;
  return (
    <Alert color="orange" title={`Version ${live} came into effect meanwhile`}>
      <Group>
        <Text>
          The draft was begun {begun}, so it cannot be published as it is: it would undo what came
          since.
        </Text>
        {mayWrite && baseVersion !== null ? (
          <Button variant="default" onClick={() => setOpened(true)}>
            Bring it up to date
          </Button>
        ) : null}
      </Group>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        lockScroll={false}
        size="xl"
        title={`Bring the draft up to version ${live}`}
      >
        <Rebasing
          mapping={mapping}
          draft={draft}
          base={baseVersion ?? live}
          live={live}
          onDone={() => setOpened(false)}
        />
      </Modal>
    </Alert>
  );
}

interface RebasingProps extends Props {
  readonly base: number;
  readonly live: number;
  readonly onDone: () => void;
}

function Rebasing({ mapping, draft, base, live, onDone }: RebasingProps) {
  const { id } = mapping;
  const before = useQuery({
    queryKey: ['version', id, base],
    queryFn: ({ signal }) => read<Mapping>(`${mappingPath(id)}/versions/${base}`, signal),
  });
  return (
    <Stack>
      <Differences id={id} from={base} to={live} title={`What version ${live} changed`} />
      <Waiting query={before}>
        {before.data === undefined ? null : (
          <Settle
            id={id}
            draft={draft}
            live={live}
            onDone={onDone}
            parts={rebaseParts(before.data.document, mapping.document, draft.body.document)}
          />
        )}
      </Waiting>
    </Stack>
  );
}

interface SettleProps {
  readonly id: string;
  readonly draft: Answer<Draft>;
  readonly live: number;
  readonly parts: readonly Part[];
  readonly onDone: () => void;
}

function Settle({ id, draft, live, parts, onDone }: SettleProps) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, Choice>>(new Map());
  const { run, busy, error } = useWrite(id);
  const choices = new Map(
    parts.flatMap((part) => {
      const choice = chosen.get(part.name) ?? proposedChoice(part);
      return choice === null ? [] : [[part.name, choice] as const];
    }),
  );
  const taken = parts.filter(({ name }) => choices.get(name) === 'theirs');
  return (
    <Stack>
      {parts.length === 0 ? (
        <Text>The draft has all of it already.</Text>
      ) : (
        <ThreeWayTable
          parts={parts}
          choices={choices}
          theirs={`Version ${live}`}
          onChoose={(name, choice) => setChosen(new Map([...chosen, [name, choice]]))}
        />
      )}
      <WriteProblem error={error} />
      <Group justify="end">
        <Button
          loading={busy}
          disabled={choices.size < parts.length}
          onClick={() => void run(() => rebaseDraft(id, draft, live, taken), onDone)}
        >
          Save the draft over version {live}
        </Button>
      </Group>
    </Stack>
  );
}

/** Takes parts over from what is in effect, then says that the draft goes on top of it. */
async function rebaseDraft(
  id: string,
  draft: Answer<Draft>,
  baseVersion: number,
  taken: readonly Part[],
): Promise<void> {
  const path = `${mappingPath(id)}/draft`;
  const edited =
    taken.length === 0
      ? draft
      : await call<Draft>(path, {
          method: 'PATCH',
          body: { edits: takeOver(taken) },
          ifMatch: draft.etag,
        });
  const left = notTaken(taken, edited.body.document);
  if (left.length > 0) {
    const names = left.map(({ name }) => name).join(', ');
    throw new Error(
      `This cannot be taken over here: ${names}. Write it under YAML, then try again.`,
    );
  }
  const body = { text: edited.body.text, baseVersion };
  await call(path, { method: 'PUT', body, ifMatch: edited.etag });
}
