import { Autocomplete, Group, Textarea, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { Row } from '../mapping-types.ts';
import { constantOf, constantText, type RowKind } from './row-words.ts';
import { useFields } from './use-fields.ts';

interface Props {
  readonly id: string;
  readonly kind: RowKind;
  readonly row: Row;
  readonly onChange: (row: Row) => void;
  /** The cursor goes to the source field, which shows what there is to choose from. */
  readonly startsHere: boolean;
}

/** Where a row gets its value, in the inputs of its kind. */
export function SourceInputs({ id, kind, row, onChange, startsHere }: Props) {
  const paths = useFields(id).source.map((field) => `src.${field.name}`);
  if (kind === 'value') return <FixedValue row={row} onChange={onChange} />;
  if (kind === 'expr') return <Expression row={row} onChange={onChange} />;
  if (kind === 'lookup') return <Lookup paths={paths} row={row} onChange={onChange} />;
  return <SourceField paths={paths} row={row} onChange={onChange} startsHere={startsHere} />;
}

type Part = Pick<Props, 'row' | 'onChange'>;

interface SourceFieldProps extends Part {
  readonly paths: readonly string[];
  readonly startsHere: boolean;
}

/** The path of a field. As long as nothing is typed every field is on offer, whatever the row says now. */
function SourceField({ paths, row, onChange, startsHere }: SourceFieldProps) {
  const value = row.from ?? '';
  const [untouched, setUntouched] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const isReady = paths.length > 0;
  useEffect(() => {
    if (startsHere && isReady && !isTyping()) input.current?.focus();
    // Only as the form opens and there is something to choose from: later the cursor is the person's.
  }, [startsHere, isReady]);
  return (
    <Autocomplete
      ref={input}
      label="Source field"
      data={[...paths]}
      value={value}
      onDropdownOpen={() => setUntouched(value)}
      filter={({ options, search }) =>
        search === untouched
          ? options
          : options.filter((each) => 'label' in each && has(each.label, search))
      }
      onChange={(path) => onChange({ ...row, from: path })}
    />
  );
}

/** True while the cursor is in a field, where nobody takes it from. */
function isTyping(): boolean {
  const { activeElement } = document;
  return activeElement instanceof HTMLInputElement || activeElement instanceof HTMLTextAreaElement;
}

function has(label: string, search: string): boolean {
  return label.toLowerCase().includes(search.trim().toLowerCase());
}

function FixedValue({ row, onChange }: Part) {
  return (
    <TextInput
      label="Value"
      description="Text, or JSON for a number, true, false or null"
      value={constantText(row.value)}
      onChange={(event) => onChange({ ...row, value: constantOf(event.currentTarget.value) })}
    />
  );
}

function Expression({ row, onChange }: Part) {
  return (
    <Textarea
      label="Expression"
      description="CEL, such as src.Quantity * 12"
      value={row.expr ?? ''}
      autosize
      spellCheck={false}
      onChange={(event) => onChange({ ...row, expr: event.currentTarget.value })}
    />
  );
}

function Lookup({ paths, row, onChange }: Part & { readonly paths: readonly string[] }) {
  const { table, key } = typeof row.lookup === 'object' ? row.lookup : { table: '', key: '' };
  return (
    <Group grow>
      <TextInput
        label="Lookup table"
        value={table}
        onChange={(event) =>
          onChange({ ...row, lookup: { table: event.currentTarget.value, key } })
        }
      />
      <Autocomplete
        label="Key"
        data={paths}
        value={key}
        onChange={(value) => onChange({ ...row, lookup: { table, key: value } })}
      />
    </Group>
  );
}
