import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from './api.ts';

/** What a query brings, or what it waits for, or why it failed and how to try again. */
export function Waiting({
  query,
  children,
}: {
  readonly query: UseQueryResult;
  readonly children: ReactNode;
}) {
  if (query.isPending) {
    return (
      <Stack component="output" aria-busy="true" aria-label="Loading">
        {[1, 2, 3, 4].map((line) => (
          <Skeleton key={line} height={28} />
        ))}
      </Stack>
    );
  }
  if (query.error !== null && query.data === undefined)
    return <Failure error={query.error} retry={() => void query.refetch()} />;
  return <>{children}</>;
}

/** A failure in plain words, with the id under which the server's log has it. */
export function Failure({ error, retry }: { readonly error: Error; readonly retry?: () => void }) {
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <Alert color="red" title="That did not work" role="alert">
      <Stack gap="xs">
        <Text>{error.message}</Text>
        {requestId === null ? null : <Text size="sm">Request {requestId}</Text>}
        {retry === undefined ? null : (
          <Group>
            <Button size="compact-sm" variant="default" onClick={retry}>
              Try again
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
