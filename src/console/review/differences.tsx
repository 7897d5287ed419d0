import { List, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { read } from '../api.ts';
import { mappingPath } from '../use-mapping.ts';
import { Waiting } from '../waiting.tsx';
import type { Difference } from './review-types.ts';

/** A version's number, what is in effect, or the draft. */
export type ContentRef = number | 'live' | 'draft';

interface Props {
  readonly id: string;
  readonly from: ContentRef;
  readonly to: ContentRef;
  readonly title: string;
}

/** What two contents of a mapping differ in, in words. */
export function Differences({ id, from, to, title }: Props) {
  const diff = useQuery({
    queryKey: ['diff', id, from, to],
    queryFn: ({ signal }) =>
      read<{ readonly differences: readonly Difference[] }>(
        `${mappingPath(id)}/diff?from=${from}&to=${to}`,
        signal,
      ),
  });
  return (
    <Waiting query={diff}>
      <Changes title={title} changes={diff.data?.differences ?? []} />
    </Waiting>
  );
}

interface ChangesProps {
  readonly title: string;
  readonly changes: readonly Difference[];
}

/** Differences, one a line. */
export function Changes({ title, changes }: ChangesProps) {
  return (
    <section aria-label={title}>
      <Title order={2} size="h4">
        {title}
      </Title>
      {changes.length === 0 ? (
        <Text>Nothing: they say the same.</Text>
      ) : (
        <List>
          {changes.map(({ pointer, text }) => (
            <List.Item key={`${pointer} ${text}`}>{text}</List.Item>
          ))}
        </List>
      )}
    </section>
  );
}
