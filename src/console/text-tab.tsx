import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, type Answer, type Problem } from './api.ts';
import type { Draft, Mapping } from './mapping-types.ts';
import { mappingPath } from './use-mapping.ts';
import { useWrite } from './use-write.ts';
import { ProblemList, WriteProblem } from './write-problem.tsx';

interface Props {
  readonly mapping: Answer<Mapping>;
  readonly draft: Answer<Draft> | null;
}

interface Verdict {
  readonly ok: boolean;
  readonly problems: readonly Problem[];
}

/** The mapping as text. It is checked while somebody types; only what fits can be saved. */
export function TextTab({ mapping, draft }: Props) {
  const { id } = mapping.body;
  const saved = (draft ?? mapping).body.text;
  const [text, setText] = useState(saved);
  const [rested] = useDebouncedValue(text, 200);
  const { run, busy, error } = useWrite(id);
  const verdict = useQuery({
    queryKey: ['validate', rested],
    queryFn: async ({ signal }) =>
      (
        await call<Verdict>('/mappings:validate', {
          method: 'POST',
          body: { text: rested },
          signal,
        })
      ).body,
  });

  const ifMatch = draft?.etag ?? null;
  const keep = () => call(`${mappingPath(id)}/draft`, { method: 'PUT', body: { text }, ifMatch });

  return (
    <Stack>
      <WriteProblem error={error} />
      <Textarea
        label="Mapping file"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        autosize
        minRows={12}
        spellCheck={false}
        styles={{ input: { fontFamily: 'monospace' } }}
      />
      <Group>
        <Button
          disabled={text === saved || verdict.data?.ok === false}
          loading={busy}
          onClick={() => void run(keep)}
        >
          Save draft
        </Button>
        <Text aria-live="polite">{wordsOf(verdict.data)}</Text>
      </Group>
      <ProblemList problems={verdict.data?.problems ?? []} />
    </Stack>
  );
}

function wordsOf(verdict: Verdict | undefined): string {
  if (verdict === undefined) return '';
  return verdict.ok ? 'It fits, and its tests pass.' : `${verdict.problems.length} problems`;
}
