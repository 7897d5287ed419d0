import { Code, Group, Radio, Table, VisuallyHidden } from '@mantine/core';
import type { Choice, Part } from './three-way.ts';

interface Props {
  readonly parts: readonly Part[];
  readonly choices: ReadonlyMap<string, Choice>;
  readonly onChoose: (name: string, choice: Choice) => void;
  /** The words for what others have. */
  readonly theirs: string;
}

/** Each part that both sides have to agree on, with what it was, and the choice between the two. */
export function ThreeWayTable({ parts, choices, onChoose, theirs }: Props) {
  return (
    <Table.ScrollContainer minWidth={640} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing={4} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Part</Table.Th>
            <Table.Th>As it was</Table.Th>
            <Table.Th>{theirs}</Table.Th>
            <Table.Th>Yours</Table.Th>
            <Table.Th>Which one</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {parts.map((part) => (
            <Table.Tr key={part.name}>
              <Table.Td>{part.name}</Table.Td>
              <Table.Td>{shown(part.was)}</Table.Td>
              <Table.Td>{shown(part.theirs)}</Table.Td>
              <Table.Td>{shown(part.mine)}</Table.Td>
              <Table.Td>
                <Radio.Group
                  label={<VisuallyHidden>Which {part.name}</VisuallyHidden>}
                  value={choices.get(part.name) ?? null}
                  onChange={(choice) => onChoose(part.name, choice as Choice)}
                >
                  <Group gap="sm" wrap="nowrap">
                    <Radio value="theirs" label="Take over" />
                    <Radio value="mine" label="Keep mine" />
                  </Group>
                </Radio.Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function shown(value: unknown) {
  return value === undefined ? 'not there' : <Code>{JSON.stringify(value)}</Code>;
}
