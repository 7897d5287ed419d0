import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { call, type Answer, type Problem } from './api.ts';
import type { Draft, Mapping } from './mapping-types.ts';
import { mappingPath } from './use-mapping.ts';
import { useWrite } from './use-write.ts';
import { ProblemList, WriteProblem } from './write-problem.tsx';

/** A text that somebody has begun to change, with what it was begun from: it is never saved over anything else. */
export interface Typed {
  readonly text: string;
  /** Of the draft that it began from; null where there was none. */
  readonly etag: string | null;
  /** The version in effect that it began from, where there was no draft. */
  readonly baseVersion: number | undefined;
}

interface Props {
  readonly mapping: Answer<Mapping>;
  readonly draft: Answer<Draft> | null;
  /** Null as long as nothing is changed; it outlives the tab. */
  readonly typed: Typed | null;
  readonly onType: (typed: Typed | null) => void;
}

interface Verdict {
  readonly ok: boolean;
  readonly problems: readonly Problem[];
}

/** The mapping as text. It is checked while somebody types; only what fits can be saved. */
export function TextTab({ mapping, draft, typed, onType }: Props) {
  const { id } = mapping.body;
  const saved = (draft ?? mapping).body.text;
  const text = typed?.text ?? saved;
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

  function type(next: string) {
    const baseVersion = draft === null ? mapping.body.live?.version : undefined;
    const start = typed ?? { etag: draft?.etag ?? null, baseVersion };
    onType(next === saved ? null : { ...start, text: next });
  }

  async function keep({ etag, ...body }: Typed) {
    const write = () => call(`${mappingPath(id)}/draft`, { method: 'PUT', body, ifMatch: etag });
    if (await run(write)) onType(null);
  }

  return (
    <Stack>
      <WriteProblem error={error} />
      <Textarea
        label="Mapping file"
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
        autosize
        minRows={12}
        spellCheck={false}
        styles={{ input: { fontFamily: 'monospace' } }}
      />
      <Group>
        <Button
          disabled={typed === null || verdict.data?.ok === false}
          loading={busy}
          onClick={() => (typed === null ? undefined : void keep(typed))}
        >
          Save draft
        </Button>
        <Button variant="default" disabled={typed === null} onClick={() => onType(null)}>
          Undo all
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
