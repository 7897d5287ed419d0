import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../api.ts';
import type { RowEdit } from '../mapping-types.ts';
import { mappingPath } from '../use-mapping.ts';
import type { Preview } from './preview-types.ts';

/** What is mapped, and which records. */
export interface Previewed {
  readonly id: string;
  /** The text that the edits go on top of. */
  readonly text: string;
  readonly edits: readonly RowEdit[];
  /** Only this record; without it a sample that is picked for its edges. */
  readonly only?: string;
}

/** Maps records under rows as they stand in the form. Whoever asks the same shares the answer. */
export function usePreview({ id, text, edits, only }: Previewed) {
  return useQuery({
    queryKey: ['preview', id, text, edits, only],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const body = {
        text,
        edits,
        ...(only === undefined ? { sample: 'edges' } : { record: only }),
      };
      return (await call<Preview>(`${mappingPath(id)}:preview`, { method: 'POST', body, signal }))
        .body;
    },
  });
}
