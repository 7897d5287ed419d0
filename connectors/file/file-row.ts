import type { JsonObject } from '../../src/sdk/kernel.ts';

/** A row of a file with the line on which it starts (1 is the first), or what is wrong with it. */
export type FileRow =
  | { readonly kind: 'row'; readonly line: number; readonly data: JsonObject }
  | { readonly kind: 'bad'; readonly line: number; readonly code: string; readonly reason: string };

/** The longest row: 1 MiB. */
export const MAX_ROW_BYTES = 1024 * 1024;
