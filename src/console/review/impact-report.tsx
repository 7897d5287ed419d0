import { List, Stack, Text, Title } from '@mantine/core';
import { ChangedSinceTable } from './changed-since-table.tsx';
import { countWords, forecastWords, movedLists, type MovedList } from './impact-words.ts';
import type { ChangeRequest, Impact, RollBackCounts } from './review-types.ts';

/** Of each kind so many lines are shown; the number in its title is exact. */
const SHOWN = 20;

/** What a request would move, as it was counted when it was submitted. */
export function ImpactReport({
  impact,
}: {
  readonly impact: NonNullable<ChangeRequest['impact']>;
}) {
  return (
    <Stack component="section" aria-label="What would move" gap="xs">
      <Title order={2} size="h4">
        What would move
      </Title>
      {'rollBack' in impact ? <RollBackSums counts={impact.rollBack} /> : <Moved impact={impact} />}
    </Stack>
  );
}

function Moved({ impact }: { readonly impact: Impact }) {
  const forecast = forecastWords(impact);
  const lists = movedLists(impact);
  return (
    <>
      <Text>
        Of {impact.records} records: {countWords(impact.counts)}
        {impact.complete ? '' : '; there are more, which were not looked at'}.
      </Text>
      {lists.length === 0 ? (
        <Text>No customer, document, service date, right or renewal would move.</Text>
      ) : null}
      {lists.map((list) => (
        <Some key={list.title} list={list} />
      ))}
      {forecast === null ? null : <Text>Renewals to come: {forecast}</Text>}
      {impact.notes.map((note) => (
        <Text key={note}>{note}</Text>
      ))}
    </>
  );
}

function Some({ list: { title, total, lines } }: { readonly list: MovedList }) {
  const shown = lines.slice(0, SHOWN);
  return (
    <div>
      <Title order={3} size="h5">
        {title}: {total}
      </Title>
      <List size="sm">
        {shown.map(({ key, text }) => (
          <List.Item key={key}>{text}</List.Item>
        ))}
      </List>
      {total > shown.length ? <Text size="sm">and {total - shown.length} more</Text> : null}
    </div>
  );
}

/** What a roll back would do to what was mapped, and to what was written. */
export function RollBackSums({ counts }: { readonly counts: RollBackCounts }) {
  const { undone, facts, records, changedSince = null } = counts;
  return (
    <>
      <List>
        <List.Item>It undoes version {undone.join(', ')}.</List.Item>
        {facts === null ? null : (
          <List.Item>
            Of {facts.records} landed records {facts.changed} would change, {facts.unchanged} would
            stay as they are and {facts.failed} would not map
            {facts.complete ? '' : '; there are more, which were not counted'}.
          </List.Item>
        )}
        {records === null ? null : (
          <>
            <List.Item>
              {records.changed} records of connected systems were changed and can be brought back.
            </List.Item>
            <List.Item>{records.created} were made, and are offered for cancellation.</List.Item>
            <List.Item>Of {records.unknown} nobody knows what they were.</List.Item>
          </>
        )}
      </List>
      {changedSince === null ? null : <ChangedSinceTable since={changedSince} />}
    </>
  );
}
