import type * as z from 'zod';
import type { TransformDefinition } from '../../sdk/define-transform.ts';
import { outerNames, rowNames } from '../scope-names.ts';
import { checkExpression, checkPath, checkRow, type RowVocabulary } from './check-row.ts';
import { checkRule } from './check-rule.ts';
import { didYouMean } from './closest-name.ts';
import { directionOf, isProblem, type Direction } from './direction.ts';
import { isEachRow, type AnyRow, type MappingDocument } from './mapping-document.ts';
import { targetFieldsOf, type TargetField } from './target-fields.ts';
import { problemAt, type PlacedProblem } from './zod-problems.ts';

type Steps = ReadonlyMap<string, TransformDefinition>;

/** Everything about a well-formed document that its shape alone cannot tell. */
export function checkMapping(document: MappingDocument, steps: Steps): readonly PlacedProblem[] {
  const direction = directionOf(document);
  const words = { steps, names: rowNames(document) };
  const general = [...checkNames(document), ...checkFrame(document)];
  if (isProblem(direction)) return [direction, ...general, ...checkRows(document, words)];
  const particular =
    direction.kind === 'inbound' ? checkInbound(document, direction) : checkOutbound(document);
  return [...general, ...particular, ...checkRows(document, words)];
}

function checkNames(document: MappingDocument): readonly PlacedProblem[] {
  const names = rowNames(document);
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  if (doubled === undefined) return [];
  const path = document.forEach?.as === doubled ? ['forEach', 'as'] : ['include', doubled];
  return [
    problemAt(
      path,
      'name_taken',
      `"${doubled}" is the name of something else here.`,
      'Choose another name.',
    ),
  ];
}

/** Include ids, the condition and the loop. */
function checkFrame(document: MappingDocument): readonly PlacedProblem[] {
  const { when, forEach, include = {} } = document;
  const outer = outerNames(document);
  return [
    ...Object.entries(include).flatMap(([alias, { id }]) =>
      checkPath(id, ['include', alias, 'id'], ['src']),
    ),
    ...(when === undefined ? [] : checkExpression(when, ['when'], outer)),
    ...(forEach === undefined ? [] : checkPath(forEach.items, ['forEach', 'items'], outer)),
    ...(forEach?.when === undefined
      ? []
      : checkExpression(forEach.when, ['forEach', 'when'], rowNames(document))),
  ];
}

function checkRows({ fields }: MappingDocument, words: RowVocabulary): readonly PlacedProblem[] {
  return Object.entries(fields).flatMap(([name, row]) => checkAnyRow(row, ['fields', name], words));
}

function checkAnyRow(
  row: AnyRow,
  path: readonly string[],
  words: RowVocabulary,
): readonly PlacedProblem[] {
  if (!isEachRow(row)) return checkRow(row, path, words);
  const inner = { ...words, names: [...words.names, row.as] };
  const taken = words.names.includes(row.as)
    ? [
        problemAt(
          [...path, 'as'],
          'name_taken',
          `"${row.as}" is the name of something else here.`,
          'Choose another name.',
        ),
      ]
    : [];
  return [
    ...taken,
    ...checkPath(row.each, [...path, 'each'], words.names),
    ...(row.when === undefined ? [] : checkExpression(row.when, [...path, 'when'], inner.names)),
    ...Object.entries(row.fields).flatMap(([name, each]) => [
      ...checkTargetPath(name, [...path, 'fields', name]),
      ...checkRule(each, [...path, 'fields', name], 'list'),
      ...checkRow(each, [...path, 'fields', name], inner),
    ]),
  ];
}

function checkInbound(
  document: MappingDocument,
  { noun }: Direction & { kind: 'inbound' },
): readonly PlacedProblem[] {
  const known = targetFieldsOf(noun);
  const given = Object.entries(document.fields);
  const missing = [...known.values()].filter(
    ({ name, required }) => required && !(name in document.fields),
  );
  return [
    ...given.flatMap(([name, row]) => checkTarget(name, row, known, noun)),
    ...missing.map(({ name }) =>
      problemAt(
        ['fields'],
        'required_field_unmapped',
        `A fact of "${noun}" needs "${name}", and no row gives it.`,
        `Add a row "${name}".`,
      ),
    ),
  ];
}

function checkTarget(
  name: string,
  row: AnyRow,
  known: ReadonlyMap<string, TargetField>,
  noun: string,
): readonly PlacedProblem[] {
  const path = ['fields', name];
  const field = known.get(name);
  if (field === undefined) {
    const hint = didYouMean(name, known.keys()) ?? `One of ${[...known.keys()].join(', ')}.`;
    return [problemAt(path, 'unknown_target_field', `"${noun}" has no field "${name}".`, hint)];
  }
  if (isEachRow(row)) {
    return [
      problemAt(path, 'bad_value', 'Facts have no nested lists. Use forEach, one fact per item.'),
    ];
  }
  return [
    ...checkRule(row, path, 'fact'),
    ...checkConstant(row.value, field.schema, [...path, 'value']),
    ...checkConstant(row.default, field.schema, [...path, 'default']),
  ];
}

function checkConstant(
  value: unknown,
  schema: z.ZodType,
  path: readonly string[],
): readonly PlacedProblem[] {
  if (value === undefined || value === null) return [];
  const result = schema.safeParse(value);
  if (result.success) return [];
  return [
    problemAt(
      path,
      'bad_value',
      `The fixed value does not fit the field: ${result.error.issues[0]?.message ?? ''}.`,
    ),
  ];
}

function checkOutbound(document: MappingDocument): readonly PlacedProblem[] {
  const inboundOnly = (['include', 'forEach', 'match'] as const).filter(
    (key) => document[key] !== undefined,
  );
  return [
    ...inboundOnly.map((key) =>
      problemAt(
        [key],
        'bad_direction',
        `"${key}" belongs to inbound mappings.`,
        key === 'forEach' ? 'Use a row with each, as and fields.' : null,
      ),
    ),
    ...Object.entries(document.fields).flatMap(([name, row]) => [
      ...checkTargetPath(name, ['fields', name]),
      ...(isEachRow(row) ? [] : checkRule(row, ['fields', name], 'record')),
    ]),
  ];
}

const TARGET_PATH = /^[A-Za-z_$][\w$:-]*(\.[A-Za-z_$][\w$:-]*)*$/;
const INHERITED = new Set(['__proto__', 'constructor', 'prototype']);

function checkTargetPath(name: string, path: readonly string[]): readonly PlacedProblem[] {
  const safe = TARGET_PATH.test(name) && !name.split('.').some((part) => INHERITED.has(part));
  return safe
    ? []
    : [
        problemAt(
          path,
          'bad_target',
          `"${name}" is not a field name of a vendor.`,
          'Write Name or entity.id.',
        ),
      ];
}
