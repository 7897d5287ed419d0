import { Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { Answer } from './api.ts';
import type { Edits } from './editor/edits.ts';
import { FieldsTab } from './editor/fields-tab.tsx';
import { TextTab, type Typed } from './editor/text-tab.tsx';
import { LeaveGuard } from './leave-guard.tsx';
import type { Draft, Mapping } from './mapping-types.ts';
import { Owner, StateBadge } from './mappings-page.tsx';
import { PageLink } from './page-link.tsx';
import { Rebase } from './review/rebase.tsx';
import { ReviewTab } from './review/review-tab.tsx';
import { ShadowTab } from './shadow/shadow-tab.tsx';
import { useDraft, useMapping } from './use-mapping.ts';
import { VersionsTab } from './versions/versions-tab.tsx';
import { Waiting } from './waiting.tsx';

interface Props {
  readonly id: string;
  /** The part that it opens with. */
  readonly tab?: 'fields' | 'review';
}

/** One mapping: its fields with a live preview, its text, what changed and who has to agree. */
export function MappingPage({ id, tab = 'fields' }: Props) {
  const mapping = useMapping(id);
  const draft = useDraft(id);
  return (
    <Stack>
      <PageLink to="/mappings">← All mappings</PageLink>
      <Waiting query={mapping}>
        <Waiting query={draft}>
          {mapping.data === undefined || draft.data === undefined ? null : (
            <Loaded mapping={mapping.data} draft={draft.data} tab={tab} />
          )}
        </Waiting>
      </Waiting>
    </Stack>
  );
}

interface LoadedProps {
  readonly mapping: Answer<Mapping>;
  readonly draft: Answer<Draft> | null;
  readonly tab: string;
}

function Loaded({ mapping, draft, tab }: LoadedProps) {
  const { id, live } = mapping.body;
  const [edits, setEdits] = useState<Edits | null>(null);
  const [typed, setTyped] = useState<Typed | null>(null);
  return (
    <>
      <LeaveGuard unsaved={edits !== null || typed !== null} />
      <Heading mapping={mapping.body} isEdited={draft !== null} />
      {draft === null ? null : <Rebase mapping={mapping.body} draft={draft} />}
      <Tabs defaultValue={tab} keepMounted={false}>
        <Tabs.List aria-label="Parts of the mapping">
          <Tabs.Tab value="fields">Fields</Tabs.Tab>
          <Tabs.Tab value="text">YAML</Tabs.Tab>
          <Tabs.Tab value="shadow">Shadow run</Tabs.Tab>
          <Tabs.Tab value="review">Review and publish</Tabs.Tab>
          <Tabs.Tab value="versions">Versions</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="fields" pt="md">
          <FieldsTab mapping={mapping} draft={draft} edits={edits} onEdits={setEdits} />
        </Tabs.Panel>
        <Tabs.Panel value="text" pt="md">
          <TextTab mapping={mapping} draft={draft} typed={typed} onType={setTyped} />
        </Tabs.Panel>
        <Tabs.Panel value="shadow" pt="md">
          <ShadowTab id={id} text={(draft ?? mapping).body.text} edits={edits} />
        </Tabs.Panel>
        <Tabs.Panel value="review" pt="md">
          <ReviewTab id={id} draft={draft} />
        </Tabs.Panel>
        <Tabs.Panel value="versions" pt="md">
          <VersionsTab id={id} live={live?.version ?? null} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Heading({ mapping, isEdited }: { readonly mapping: Mapping; readonly isEdited: boolean }) {
  const { id, title, live, state, owner } = mapping;
  const version = live === null ? 'nothing in effect' : `version ${live.version} in effect`;
  return (
    <div>
      <Group>
        <Title order={1}>{title}</Title>
        <StateBadge state={state} />
      </Group>
      <Text>
        {id} · {version}
        {isEdited ? ' · a draft is open' : ''}
      </Text>
      <Text component="div" size="sm">
        {owner === null
          ? 'Nobody answers for it and its fields: '
          : 'Who answers for it and its fields: '}
        <Owner owner={owner} />
      </Text>
    </div>
  );
}
