import { Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { FieldsTab, type RowEdits } from './fields-tab.tsx';
import type { Mapping } from './mapping-types.ts';
import { StateBadge } from './mappings-page.tsx';
import { PageLink } from './page-link.tsx';
import { ReviewTab } from './review-tab.tsx';
import { TextTab, type Typed } from './text-tab.tsx';
import { useDraft, useMapping } from './use-mapping.ts';
import { VersionsTab } from './versions-tab.tsx';
import { Waiting } from './waiting.tsx';

/** One mapping: its fields with a live preview, its text, what changed and who has to agree. */
export function MappingPage({ id }: { readonly id: string }) {
  const mapping = useMapping(id);
  const draft = useDraft(id);
  const [edits, setEdits] = useState<RowEdits>(new Map());
  const [typed, setTyped] = useState<Typed | null>(null);
  return (
    <Stack>
      <PageLink to="/mappings">← All mappings</PageLink>
      <Waiting query={mapping}>
        <Waiting query={draft}>
          {mapping.data === undefined || draft.data === undefined ? null : (
            <>
              <Heading mapping={mapping.data.body} isEdited={draft.data !== null} />
              <Tabs defaultValue="fields" keepMounted={false}>
                <Tabs.List aria-label="Parts of the mapping">
                  <Tabs.Tab value="fields">Fields</Tabs.Tab>
                  <Tabs.Tab value="text">YAML</Tabs.Tab>
                  <Tabs.Tab value="review">Review and publish</Tabs.Tab>
                  <Tabs.Tab value="versions">Versions</Tabs.Tab>
                </Tabs.List>
                <Tabs.Panel value="fields" pt="md">
                  <FieldsTab
                    mapping={mapping.data}
                    draft={draft.data}
                    edits={edits}
                    onEdits={setEdits}
                  />
                </Tabs.Panel>
                <Tabs.Panel value="text" pt="md">
                  <TextTab
                    mapping={mapping.data}
                    draft={draft.data}
                    typed={typed}
                    onType={setTyped}
                  />
                </Tabs.Panel>
                <Tabs.Panel value="review" pt="md">
                  <ReviewTab id={id} draft={draft.data} />
                </Tabs.Panel>
                <Tabs.Panel value="versions" pt="md">
                  <VersionsTab id={id} live={mapping.data.body.live?.version ?? null} />
                </Tabs.Panel>
              </Tabs>
            </>
          )}
        </Waiting>
      </Waiting>
    </Stack>
  );
}

function Heading({ mapping, isEdited }: { readonly mapping: Mapping; readonly isEdited: boolean }) {
  const { id, title, live, state } = mapping;
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
    </div>
  );
}
