import type { Json } from '../kernel/hash.ts';
import type { Kind } from './language/described.ts';
import type { Shape } from './language/shape.ts';

const TEXTS: readonly Json[] = [
  'abc',
  'A',
  '25',
  '0.5',
  'true',
  'EUR',
  'DE',
  'a@b.example',
  '2026-02-28',
  '2026-03-02T09:30:00Z',
  '03/02/2026',
  '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
];

const BY_KIND: Readonly<Record<Exclude<Kind, 'any'>, readonly Json[]>> = {
  text: TEXTS,
  number: [1, 0, 12.5, -3, 2026],
  boolean: [true, false],
  date: ['2026-02-28'],
  instant: ['2026-03-02T09:30:00.000Z', '2026-03-02T09:30:00.000+0000'],
  list: [[], ['abc'], ['25']],
  object: [{}],
};

/**
 * Values that one of this shape may have, so that a row can be tried on them. Null where too little is known to try.
 * `also` are texts that the target takes: free text may always be one of them.
 */
export function samplesOf(shape: Shape, also: readonly string[]): readonly Json[] | null {
  const { kind, options, schema } = shape;
  if (kind === 'any' || kind === 'object') return null;
  if (schema !== null) {
    const fitting = BY_KIND[kind].filter((value) => schema.safeParse(value).success);
    return fitting.length === 0 ? null : fitting;
  }
  if (options.length > 0) return options;
  return kind === 'text' ? [...TEXTS, ...also] : BY_KIND[kind];
}
