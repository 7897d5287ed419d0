import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api.ts';
import type { Row, RowEdit } from '../mapping-types.ts';
import { mappingPath } from '../use-mapping.ts';
import type { Rows } from './edits.ts';
import { isFilled } from './target-fields.ts';

/** A proposed row, how sure it is from 0 to 1, and why. */
export interface Suggestion {
  readonly field: string;
  readonly path: string;
  readonly score: number;
  readonly reason: string;
  readonly row: Row;
  readonly lookup: { readonly table: string } | null;
}

interface Suggestions {
  readonly suggestions: readonly Suggestion[];
  readonly missing: readonly string[];
}

interface Asked {
  readonly text: string;
  readonly edits: readonly RowEdit[];
}

/** Proposals are made when they are asked for; the panel and the filter of the rows show the same ones. */
export function useSuggestions(id: string, now: Asked, rows: Rows) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const query = useQuery({
    queryKey: ['suggest', id, asked],
    enabled: asked !== null,
    queryFn: async ({ signal }) =>
      (
        await call<Suggestions>(`${mappingPath(id)}:suggest`, {
          method: 'POST',
          body: asked,
          signal,
        })
      ).body,
  });
  return {
    query,
    isAsked: asked !== null,
    ask: () => setAsked(now),
    /** Of fields that no row fills yet. */
    open: (query.data?.suggestions ?? []).filter(({ field }) => !isFilled(rows, field)),
    missing: (query.data?.missing ?? []).filter((name) => !isFilled(rows, name)),
  };
}

export type Suggesting = ReturnType<typeof useSuggestions>;
