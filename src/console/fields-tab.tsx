import { Button, Grid, Group, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { call, type Answer } from './api.ts';
import type { Draft, Mapping, Row, RowEdit } from './mapping-types.ts';
import { PreviewPanel } from './preview-panel.tsx';
import { RowForm } from './row-form.tsx';
import { RowTable } from './row-table.tsx';
import { mappingPath } from './use-mapping.ts';
import { useWrite } from './use-write.ts';
import { WriteProblem } from './write-problem.tsx';

/** Rows that are changed and not saved; null for one that is taken out. */
export type RowEdits = ReadonlyMap<string, Row | null>;

interface Props {
  readonly mapping: Answer<Mapping>;
  readonly draft: Answer<Draft> | null;
  /** They outlive the tab. */
  readonly edits: RowEdits;
  readonly onEdits: (edits: RowEdits) => void;
}

/** How long typing has to rest before the preview follows it. */
const REST_MS = 120;

/** The rows of a mapping, the chosen one in a form, and beside it what records become under them, before anything is saved. */
export function FieldsTab({ mapping, draft, edits, onEdits: setEdits }: Props) {
  const [chosen, setChosen] = useState<string | null>(null);
  const { id } = mapping.body;
  const base = (draft ?? mapping).body.document.fields;
  const rows = overlaid(base, edits);
  const [rested] = useDebouncedValue(edits, REST_MS);
  const save = useWrite(id);

  function edit(name: string, row: Row | null) {
    setEdits(new Map([...edits, [name, row]]));
  }

  async function keep() {
    const body = { edits: asEdits(edits) };
    const ifMatch = draft?.etag ?? null;
    const write = () => call(`${mappingPath(id)}/draft`, { method: 'PATCH', body, ifMatch });
    if (await save.run(write)) setEdits(new Map());
  }

  return (
    <Stack>
      <Group justify="space-between">
        <Text aria-live="polite">
          {edits.size === 0 ? 'No unsaved changes' : `${edits.size} unsaved`}
        </Text>
        <Group>
          <Button variant="default" disabled={edits.size === 0} onClick={() => setEdits(new Map())}>
            Undo all
          </Button>
          <Button disabled={edits.size === 0} loading={save.busy} onClick={() => void keep()}>
            Save draft
          </Button>
        </Group>
      </Group>
      <WriteProblem error={save.error} />
      <Grid>
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack>
            <RowTable rows={rows} edited={edits} chosen={chosen} onChoose={setChosen} />
            {chosen === null ? null : (
              <RowForm
                key={chosen}
                mapping={mapping.body}
                name={chosen}
                row={rows[chosen] ?? { from: 'src.' }}
                onChange={(row) => edit(chosen, row)}
                onRemove={() => {
                  edit(chosen, null);
                  setChosen(null);
                }}
              />
            )}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <PreviewPanel id={id} edits={asEdits(rested)} text={(draft ?? mapping).body.text} />
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function overlaid(
  base: Readonly<Record<string, Row>>,
  edits: RowEdits,
): Readonly<Record<string, Row>> {
  const rows = new Map<string, Row>(Object.entries(base));
  for (const [name, row] of edits) {
    if (row === null) rows.delete(name);
    else rows.set(name, row);
  }
  return Object.fromEntries(rows);
}

function asEdits(edits: RowEdits): readonly RowEdit[] {
  return [...edits].map(([row, value]) =>
    value === null ? { op: 'remove', row } : { op: 'set', row, value },
  );
}
