import { Button, Grid, Group, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { Answer } from '../api.ts';
import type { Draft, Mapping } from '../mapping-types.ts';
import { useMay } from '../use-may.ts';
import { useWrite } from '../use-write.ts';
import { WriteProblem } from '../write-problem.tsx';
import { ClashPanel } from './clash-panel.tsx';
import {
  asRowEdits,
  clashes,
  overlaid,
  restarted,
  withoutRow,
  withRow,
  type Edits,
  type Start,
} from './edits.ts';
import { PreviewPanel } from './preview-panel.tsx';
import { PublishBar } from './publish-bar.tsx';
import { saveEdits } from './put-in-effect.ts';
import { RowForm } from './row-form.tsx';
import { RowHistory } from './row-history.tsx';
import { RowTable } from './row-table.tsx';
import { SuggestPanel } from './suggest-panel.tsx';
import { useFields } from './use-fields.ts';
import { useRowErrors } from './use-row-errors.ts';
import { useSuggestions, type Suggestion } from './use-suggestions.ts';

interface Props {
  readonly mapping: Answer<Mapping>;
  readonly draft: Answer<Draft> | null;
  /** They outlive the tab. */
  readonly edits: Edits | null;
  readonly onEdits: (edits: Edits | null) => void;
}

/** How long typing has to rest before the preview follows it. */
const REST_MS = 120;

/** The rows of a mapping, the chosen one in a form, and beside it what records become under them, before anything is saved. */
export function FieldsTab({ mapping, draft, edits, onEdits }: Props) {
  const [chosen, setChosen] = useState<string | null>(null);
  const { id } = mapping.body;
  const { document, text } = (draft ?? mapping).body;
  const now = startOf(mapping, draft);
  const rows = overlaid(document.fields, edits);
  const [rested] = useDebouncedValue(edits, REST_MS);
  const { target } = useFields(id);
  const mayWrite = useMay().can('mappings:write');
  const previewed = { id, edits: asRowEdits(rested), text };
  const errors = useRowErrors(previewed);
  const suggesting = useSuggestions(id, { text, edits: asRowEdits(edits) }, rows);

  function accept(taken: readonly Suggestion[]) {
    onEdits(taken.reduce<Edits | null>((all, { field, row }) => withRow(all, now, field, row), edits)); // prettier-ignore
  }

  return (
    <Stack>
      <SaveBar id={id} draft={draft} now={now} edits={edits} onEdits={onEdits} />
      <PublishBar id={id} text={text} draft={draft} edits={edits} onSaved={() => onEdits(null)} />
      <Grid>
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack>
            {mayWrite ? <SuggestPanel suggesting={suggesting} onAccept={accept} /> : null}
            <RowTable
              rows={rows}
              target={target}
              edited={edits?.rows ?? new Map()}
              errors={errors}
              suggesting={suggesting}
              {...(mayWrite ? { onAccept: (taken) => accept([taken]) } : {})}
              chosen={chosen}
              onChoose={setChosen}
              form={
                chosen === null ? null : (
                  <ChosenRow
                    mapping={mapping.body}
                    now={now}
                    edits={edits}
                    onEdits={onEdits}
                    name={chosen}
                    onRemoved={() => setChosen(null)}
                  />
                )
              }
            />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <PreviewPanel {...previewed} />
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

interface ChosenProps {
  readonly mapping: Mapping;
  readonly now: Start;
  readonly edits: Edits | null;
  readonly onEdits: (edits: Edits | null) => void;
  readonly name: string;
  readonly onRemoved: () => void;
}

function ChosenRow({ mapping, now, edits, onEdits, name, onRemoved }: ChosenProps) {
  const row = overlaid(now.fields, edits)[name];
  const isEdited = edits?.rows.has(name) === true;
  return (
    <Stack key={name} gap="xs">
      <RowForm
        mapping={mapping}
        name={name}
        row={row ?? { from: 'src.' }}
        startsInSource={row === undefined}
        onChange={(changed) => onEdits(withRow(edits, now, name, changed))}
        onRemove={() => {
          onEdits(withRow(edits, now, name, null));
          onRemoved();
        }}
        {...(isEdited ? { onUndo: () => onEdits(withoutRow(edits, name)) } : {})}
      />
      <RowHistory id={mapping.id} row={name} />
    </Stack>
  );
}

/** Where edits begin: with the draft, else with what is in effect. */
export function startOf(mapping: Answer<Mapping>, draft: Answer<Draft> | null): Start {
  return {
    etag: draft?.etag ?? null,
    version: mapping.body.live?.version ?? null,
    fields: (draft ?? mapping).body.document.fields,
  };
}

interface SaveProps {
  readonly id: string;
  readonly draft: Answer<Draft> | null;
  readonly now: Start;
  readonly edits: Edits | null;
  readonly onEdits: (edits: Edits | null) => void;
}

/** How much is unsaved, and the ways to keep or drop it; where somebody else saved meanwhile, whose row it is to be. */
function SaveBar({ id, draft, now, edits, onEdits }: SaveProps) {
  const save = useWrite(id);
  const mayWrite = useMay().can('mappings:write');
  const count = edits?.rows.size ?? 0;

  async function keep(those: Edits) {
    await save.run(() => saveEdits(id, those), () => onEdits(null)); // prettier-ignore
  }

  const isBehind = edits !== null && !save.busy && hasMoved(edits.start, now);
  return (
    <>
      <Group justify="space-between">
        <Text aria-live="polite">{count === 0 ? 'No unsaved changes' : `${count} unsaved`}</Text>
        {mayWrite ? (
          <Group>
            <Button variant="default" disabled={edits === null} onClick={() => onEdits(null)}>
              Undo all
            </Button>
            <Button
              disabled={edits === null || isBehind}
              loading={save.busy}
              onClick={() => (edits === null ? undefined : void keep(edits))}
            >
              Save draft
            </Button>
          </Group>
        ) : null}
      </Group>
      {isBehind ? (
        <ClashPanel
          parts={clashes(edits, now.fields)}
          told={whoMoved(draft, now)}
          busy={save.busy}
          onSettle={(givenUp) => onEdits(restarted(edits, now, givenUp))}
        />
      ) : (
        <WriteProblem error={save.error} />
      )}
    </>
  );
}

function hasMoved(start: Start, now: Start): boolean {
  return start.etag !== now.etag || (now.etag === null && start.version !== now.version);
}

function whoMoved(draft: Answer<Draft> | null, now: Start): string {
  if (draft === null) return `Version ${now.version ?? 'none'} is in effect by now.`;
  return `${draft.body.updatedBy} saved revision ${draft.body.revision} of the draft.`;
}
