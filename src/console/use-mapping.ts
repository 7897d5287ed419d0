import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, call, type Answer } from './api.ts';
import type { Draft, Mapping } from './mapping-types.ts';

/** Where the API has a mapping. */
export function mappingPath(id: string): string {
  return `/mappings/${encodeURIComponent(id)}`;
}

/** The mapping in effect, with its ETag. */
export function useMapping(id: string) {
  return useQuery({
    queryKey: ['mapping', id],
    queryFn: ({ signal }) => call<Mapping>(mappingPath(id), { signal }),
  });
}

/** The draft of a mapping, with the ETag that the next write names; null while there is none. */
export function useDraft(id: string) {
  return useQuery({
    queryKey: ['draft', id],
    queryFn: async ({ signal }): Promise<Answer<Draft> | null> => {
      try {
        return await call<Draft>(`${mappingPath(id)}/draft`, { signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
}

/** Asks again for everything that a change of one mapping may have changed. */
export function useRefresh(id: string): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    const names = [
      'mapping',
      'draft',
      'diff',
      'versions',
      'changes',
      'row-history',
      'shadow-runs',
      'errors',
    ];
    await Promise.all([
      ...names.map((name) => queries.invalidateQueries({ queryKey: [name, id] })),
      queries.invalidateQueries({ queryKey: ['mappings'] }),
    ]);
  };
}
