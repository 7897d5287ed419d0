import { Autocomplete, Group, Textarea, TextInput } from '@mantine/core';
import type { Mapping, Row } from './mapping-types.ts';
import { constantOf, constantText, type RowKind } from './row-words.ts';
import { useFields } from './use-fields.ts';

interface Props {
  readonly mapping: Mapping;
  readonly kind: RowKind;
  readonly row: Row;
  readonly onChange: (row: Row) => void;
}

/** Where a row gets its value, in the inputs of its kind. */
export function SourceInputs({ mapping, kind, row, onChange }: Props) {
  const paths = useFields(mapping).map((field) => `src.${field.name}`);
  if (kind === 'value') return <FixedValue row={row} onChange={onChange} />;
  if (kind === 'expr') return <Expression row={row} onChange={onChange} />;
  if (kind === 'lookup') return <Lookup paths={paths} row={row} onChange={onChange} />;
  return (
    <Autocomplete
      label="Source field"
      data={paths}
      value={row.from ?? ''}
      onChange={(value) => onChange({ ...row, from: value })}
    />
  );
}

type Part = Pick<Props, 'row' | 'onChange'>;

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
