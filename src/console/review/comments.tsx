import { Button, Group, List, Stack, Text, Textarea, Title } from '@mantine/core';
import { useState } from 'react';
import { call } from '../api.ts';
import { useWrite } from '../use-write.ts';
import { WriteProblem } from '../write-problem.tsx';
import type { RequestedChange } from './review-types.ts';

/** What people said about a request, and a place to say something. */
export function Comments({ change }: { readonly change: RequestedChange }) {
  const [words, setWords] = useState('');
  const { run, busy, error } = useWrite(change.mappingId);
  const say = () =>
    call(`/change-requests/${change.id}/comments`, { method: 'POST', body: { body: words } });
  return (
    <Stack component="section" aria-label="Comments" gap="xs" maw={600}>
      <Title order={2} size="h4">
        Comments
      </Title>
      {change.comments.length === 0 ? <Text>Nobody has said anything yet.</Text> : null}
      <List>
        {change.comments.map(({ id, person, body, at }) => (
          <List.Item key={id}>
            {body} ({person}, <time dateTime={at}>{new Date(at).toLocaleString()}</time>)
          </List.Item>
        ))}
      </List>
      <Textarea
        label="Say something"
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        autosize
      />
      <WriteProblem error={error} />
      <Group>
        <Button
          variant="default"
          loading={busy}
          disabled={words.trim() === ''}
          onClick={() => void run(say, () => setWords(''))}
        >
          Comment
        </Button>
      </Group>
    </Stack>
  );
}
