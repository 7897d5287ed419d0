import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { Differences } from '../review/differences.tsx';

interface Props {
  readonly id: string;
  /** What is there now: who saved it, in a sentence, and the text. */
  readonly told: string;
  readonly theirs: string;
  /** What changed since the text was begun; null where no version says it. */
  readonly since: { readonly from: number | 'live'; readonly to: 'live' | 'draft' } | null;
  readonly onTake: () => void;
  readonly onKeep: () => void;
}

/** Somebody saved while a whole text was typed here: what they have, and which of the two goes on. */
export function TextClash({ id, told, theirs, since, onTake, onKeep }: Props) {
  return (
    <Alert color="orange" title="Somebody changed this meanwhile" role="alert">
      <Stack gap="sm">
        <Text>{told} Nothing of yours is lost.</Text>
        {since === null ? null : <Differences id={id} {...since} title="What theirs changes" />}
        <Textarea
          label="Theirs"
          value={theirs}
          readOnly
          autosize
          maxRows={14}
          styles={{ input: { fontFamily: 'monospace' } }}
        />
        <Group>
          <Button variant="default" onClick={onTake}>
            Take theirs and drop mine
          </Button>
          <Button variant="default" onClick={onKeep}>
            Go on with mine over theirs
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
