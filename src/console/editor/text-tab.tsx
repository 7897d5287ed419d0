import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { call, type Answer, type Problem } from '../api.ts';
import type { Draft, Mapping } from '../mapping-types.ts';
import { mappingPath } from '../use-mapping.ts';
import { useWrite } from '../use-write.ts';
import { ProblemList, WriteProblem } from '../write-problem.tsx';
import { TextClash } from './text-clash.tsx';

/** A text that somebody has begun to change, with what it was begun from: it is never saved over anything else. */
export interface Typed {
  readonly text: string;
  /** Of the draft that it began from; null where there was none. */
  readonly etag: string | null;
  /** The version in effect that it began from, where there was no draft. */
  readonly baseVersion: number | undefined;
}

type Start = Omit<Typed, 'text'>;

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
  const verdict = useVerdict(text);
  const { run, busy, error } = useWrite(id);
  const now = startOf(mapping, draft);
  const isBehind = typed !== null && !busy && hasMoved(typed, now);

  function type(next: string) {
    onType(next === saved ? null : { ...(typed ?? now), text: next });
  }

  async function keep({ etag, ...body }: Typed) {
    const write = () => call(`${mappingPath(id)}/draft`, { method: 'PUT', body, ifMatch: etag });
    await run(write, () => onType(null));
  }

  return (
    <Stack>
      {isBehind ? (
        <TextClash
          id={id}
          told={whoMoved(mapping, draft)}
          theirs={saved}
          since={sinceOf(typed, draft)}
          onTake={() => onType(null)}
          onKeep={() => onType({ ...now, text: typed.text })}
        />
      ) : (
        <WriteProblem error={error} />
      )}
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
          disabled={typed === null || isBehind || verdict?.ok === false}
          loading={busy}
          onClick={() => (typed === null ? undefined : void keep(typed))}
        >
          Save draft
        </Button>
        <Button variant="default" disabled={typed === null} onClick={() => onType(null)}>
          Undo all
        </Button>
        <Text aria-live="polite">{wordsOf(verdict)}</Text>
      </Group>
      <ProblemList problems={verdict?.problems ?? []} />
    </Stack>
  );
}

/** What is wrong with a text, once typing rests. */
function useVerdict(text: string): Verdict | undefined {
  const [rested] = useDebouncedValue(text, 200);
  const verdict = useQuery({
    queryKey: ['validate', rested],
    queryFn: async ({ signal }) => {
      const body = { text: rested };
      return (await call<Verdict>('/mappings:validate', { method: 'POST', body, signal })).body;
    },
  });
  return verdict.data;
}

function startOf(mapping: Answer<Mapping>, draft: Answer<Draft> | null): Start {
  if (draft !== null) return { etag: draft.etag, baseVersion: undefined };
  return { etag: null, baseVersion: mapping.body.live?.version };
}

function hasMoved(start: Start, now: Start): boolean {
  return start.etag !== now.etag || start.baseVersion !== now.baseVersion;
}

function whoMoved(mapping: Answer<Mapping>, draft: Answer<Draft> | null): string {
  if (draft === null) return `Version ${mapping.body.live?.version ?? 'none'} is in effect by now.`;
  return `${draft.body.updatedBy} saved revision ${draft.body.revision} of the draft.`;
}

function sinceOf({ baseVersion }: Start, draft: Answer<Draft> | null) {
  if (draft !== null) return { from: 'live', to: 'draft' } as const;
  return baseVersion === undefined ? null : ({ from: baseVersion, to: 'live' } as const);
}

function wordsOf(verdict: Verdict | undefined): string {
  if (verdict === undefined) return '';
  return verdict.ok ? 'It fits, and its tests pass.' : `${verdict.problems.length} problems`;
}
