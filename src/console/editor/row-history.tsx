import { Button, List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, readAll } from '../api.ts';
import type { Difference, Version } from '../review/review-types.ts';
import { mappingPath } from '../use-mapping.ts';
import { Waiting } from '../waiting.tsx';

interface Props {
  readonly id: string;
  readonly row: string;
}

interface RowVersion extends Version {
  readonly differences: readonly Difference[];
}

/** Which versions changed the row, shown when it is asked for. */
export function RowHistory({ id, row }: Props) {
  const [isShown, setShown] = useState(false);
  return (
    <Stack gap="xs" align="start">
      <Button
        size="compact-sm"
        variant="default"
        aria-expanded={isShown}
        onClick={() => setShown(!isShown)}
      >
        Row history
      </Button>
      {isShown ? <Shown id={id} row={row} /> : null}
    </Stack>
  );
}

function Shown({ id, row }: Props) {
  const history = useQuery({
    queryKey: ['row-history', id, row],
    queryFn: ({ signal }) => historyOf(id, row, signal),
  });
  return (
    <Waiting query={history}>
      {history.data === undefined || history.data.length === 0 ? (
        <Text>No version has it yet.</Text>
      ) : (
        <List listStyleType="none" aria-label={`History of ${row}`}>
          {history.data.map((version) => (
            <List.Item key={version.version}>
              <Text size="sm">{headOf(version)}</Text>
              {version.differences.map(({ pointer, text }) => (
                <Text key={`${pointer} ${text}`}>{text}</Text>
              ))}
            </List.Item>
          ))}
        </List>
      )}
    </Waiting>
  );
}

/** A row that is only written here yet is in no version: that is no failure. */
async function historyOf(
  id: string,
  row: string,
  signal: AbortSignal,
): Promise<readonly RowVersion[]> {
  try {
    const path = `${mappingPath(id)}/rows/${encodeURIComponent(row)}/history`;
    return await readAll<RowVersion>(path, signal);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
}

function headOf({ version, publishedAt, publishedBy, note }: Version): string {
  if (publishedAt === null) return `Version ${version}, shipped`;
  const why = note === '' ? '' : `: ${note}`;
  return `Version ${version}, ${new Date(publishedAt).toLocaleString()}, ${publishedBy ?? ''}${why}`;
}
