import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { Choice, Part } from '../three-way.ts';
import { ThreeWayTable } from '../three-way-table.tsx';

interface Props {
  readonly parts: readonly Part[];
  /** Who saved meanwhile, and what: a sentence. */
  readonly told: string;
  readonly busy: boolean;
  /** Goes on with the rows that give way. */
  readonly onSettle: (givenUp: ReadonlySet<string>) => void;
}

/** Somebody saved while rows were edited here: for each row that both changed, whose it is to be. */
export function ClashPanel({ parts, told, busy, onSettle }: Props) {
  const [choices, setChoices] = useState<ReadonlyMap<string, Choice>>(new Map());
  const isOpen = parts.some(({ name }) => !choices.has(name));
  const givenUp = new Set(
    parts.map(({ name }) => name).filter((name) => choices.get(name) === 'theirs'),
  );
  return (
    <Alert color="orange" title="Somebody changed this meanwhile" role="alert">
      <Stack gap="sm">
        <Text>{told} Nothing of yours is lost.</Text>
        {parts.length === 0 ? (
          <Text>They changed no row that you changed.</Text>
        ) : (
          <ThreeWayTable
            parts={parts}
            choices={choices}
            theirs="Theirs"
            onChoose={(name, choice) => setChoices(new Map([...choices, [name, choice]]))}
          />
        )}
        <Group>
          <Button loading={busy} disabled={isOpen} onClick={() => onSettle(givenUp)}>
            Go on with this
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
