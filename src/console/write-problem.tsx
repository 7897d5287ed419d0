import { Alert, List, Text } from '@mantine/core';
import { ApiError, type Problem } from './api.ts';

/** Why nothing was written: each problem with its place and what to do. */
export function WriteProblem({ error }: { readonly error: Error | null }) {
  if (error === null) return null;
  const problems = error instanceof ApiError ? error.problems : [];
  const isStale = error instanceof ApiError && error.status === 412;
  const title = isStale ? 'Somebody changed this meanwhile' : 'Nothing was saved';
  return (
    <Alert color="red" title={title} role="alert">
      <Text>
        {error.message}
        {isStale ? ' What they did is shown by now, and yours is still here.' : ''}
      </Text>
      <ProblemList problems={problems} />
    </Alert>
  );
}

/** Problems of a mapping, one a line. */
export function ProblemList({ problems }: { readonly problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <List size="sm">
      {problems.map((problem) => (
        <List.Item key={`${problem.pointer} ${problem.code} ${problem.message}`}>
          <code>{problem.pointer}</code>: {problem.message} {problem.hint ?? ''}
        </List.Item>
      ))}
    </List>
  );
}
