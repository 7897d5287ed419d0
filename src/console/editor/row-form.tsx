import { Button, Fieldset, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import type { Mapping, Row } from '../mapping-types.ts';
import {
  constantOf,
  constantText,
  KIND_WORDS,
  kindOf,
  stepsOf,
  stepsText,
  type RowKind,
} from './row-words.ts';
import { SourceInputs } from './source-inputs.tsx';

interface Props {
  readonly mapping: Mapping;
  readonly name: string;
  readonly row: Row;
  /** The cursor goes to the source, which shows what there is to choose from. */
  readonly startsInSource?: boolean;
  readonly onChange: (row: Row) => void;
  readonly onRemove?: () => void;
  /** Absent where there is nothing to undo. */
  readonly onUndo?: () => void;
}

const KINDS = (['from', 'value', 'lookup', 'expr'] as const).map((value) => ({
  value,
  label: KIND_WORDS[value],
}));

const TYPES = ['text', 'integer', 'number', 'decimal', 'boolean', 'date', 'instant'];

const RULES = [
  { value: 'prefer-source-unless-blank', label: 'Prefer the source unless it is blank' },
  { value: 'source-wins', label: 'Always use the source' },
  { value: 'target-wins', label: 'Always keep the target' },
  { value: 'latest-wins', label: 'Use the latest change' },
  { value: 'ask', label: 'Ask a person' },
  { value: 'dont-sync', label: "Don't sync" },
];

const BLANKS = [
  { value: 'keep', label: 'Keep what the target has' },
  { value: 'clear', label: 'Clear it' },
];

/** One row as a form. Every change is handed on at once; nothing is saved here. */
export function RowForm(props: Props) {
  const { mapping, name, row, startsInSource = false, onChange } = props;
  const kind = kindOf(row);
  if (kind === 'each') {
    return (
      <Fieldset legend={name}>
        <Text>This row builds a list. Edit it as text, under YAML.</Text>
      </Fieldset>
    );
  }
  return (
    <Fieldset legend={name}>
      <Stack gap="sm">
        <Select
          label="Kind"
          data={KINDS}
          value={kind}
          allowDeselect={false}
          onChange={(value) => onChange(ofKind(row, (value ?? 'from') as RowKind))}
        />
        <SourceInputs
          id={mapping.id}
          kind={kind}
          row={row}
          onChange={onChange}
          startsHere={startsInSource}
        />
        {kind === 'value' ? null : <Conversions row={row} onChange={onChange} />}
        {mapping.direction === 'outbound' ? <SyncRules row={row} onChange={onChange} /> : null}
        <RowActions {...props} />
      </Stack>
    </Fieldset>
  );
}

function RowActions({ onRemove, onUndo }: Pick<Props, 'onRemove' | 'onUndo'>) {
  return (
    <Group>
      {onRemove === undefined ? null : (
        <Button variant="default" color="red" onClick={onRemove}>
          Remove this field
        </Button>
      )}
      {onUndo === undefined ? null : (
        <Button variant="default" onClick={onUndo}>
          Undo this field
        </Button>
      )}
    </Group>
  );
}

type Part = Pick<Props, 'row' | 'onChange'>;

function Conversions({ row, onChange }: Part) {
  return (
    <>
      <Textarea
        label="Steps"
        description="One a line, in order, such as trim, or prefix: SF-"
        defaultValue={stepsText(row.steps)}
        autosize
        spellCheck={false}
        onChange={(event) => {
          const steps = stepsOf(event.currentTarget.value);
          onChange(steps.length === 0 ? without(row, 'steps') : { ...row, steps });
        }}
      />
      <Group grow>
        <Select
          label="Type"
          data={TYPES}
          value={row.to ?? null}
          clearable
          placeholder="as it comes"
          onChange={(to) => onChange(to === null ? without(row, 'to') : { ...row, to })}
        />
        <TextInput
          label="When there is no value, use"
          value={constantText(row.default)}
          onChange={(event) => {
            const text = event.currentTarget.value;
            onChange(text === '' ? without(row, 'default') : { ...row, default: constantOf(text) });
          }}
        />
      </Group>
    </>
  );
}

function SyncRules({ row, onChange }: Part) {
  return (
    <Group grow>
      <Select
        label="Sync rule"
        data={RULES}
        value={row.sync ?? null}
        clearable
        onChange={(sync) => onChange(sync === null ? without(row, 'sync') : { ...row, sync })}
      />
      <Select
        label="When the source is blank"
        data={BLANKS}
        value={row.blankPolicy ?? null}
        clearable
        onChange={(value) =>
          onChange(value === null ? without(row, 'blankPolicy') : { ...row, blankPolicy: value })
        }
      />
    </Group>
  );
}

/** The row with another kind of source; what goes with any kind stays. */
function ofKind(row: Row, kind: RowKind): Row {
  const { from: _from, value: _value, expr: _expr, lookup: _lookup, ...rest } = row;
  if (kind === 'value') {
    const { key, pii, sync, blankPolicy } = rest;
    return { value: '', ...defined({ key, pii, sync, blankPolicy }) };
  }
  if (kind === 'expr') return { expr: row.from ?? 'src.', ...rest };
  if (kind === 'lookup') return { lookup: { table: '', key: row.from ?? 'src.' }, ...rest };
  return { from: 'src.', ...rest };
}

function without(row: Row, name: keyof Row): Row {
  return defined({ ...row, [name]: undefined });
}

function defined(row: { readonly [Name in keyof Row]?: Row[Name] | undefined }): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Row;
}
