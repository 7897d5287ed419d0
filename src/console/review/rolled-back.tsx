import { Text } from '@mantine/core';
import { useChange } from './use-change.ts';

interface Props {
  readonly id: string;
  readonly changeId: string;
}

/** How far the last roll back is with what it restores, and the plan that offers for cancellation what was made. */
export function RolledBack({ id, changeId }: Props) {
  const { data } = useChange(id, changeId);
  const { restored = null, cancellation = null } = data ?? {};
  return (
    <>
      {restored === null ? null : (
        <Text>
          The last roll back has brought back {restored.settled} of {restored.records} records; of{' '}
          {restored.changedSince} a value was left alone, as somebody changed it since.
        </Text>
      )}
      {cancellation === null ? null : (
        <Text>
          What the undone versions made is offered for cancellation: plan {cancellation.id} (
          {cancellation.status}).
        </Text>
      )}
    </>
  );
}
