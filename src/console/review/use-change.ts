import { useQuery } from '@tanstack/react-query';
import { read } from '../api.ts';
import type { RequestedChange } from './review-types.ts';

/** One request about a mapping, whole. */
export function useChange(id: string, changeId: string) {
  return useQuery({
    queryKey: ['changes', id, changeId],
    queryFn: ({ signal }) => read<RequestedChange>(`/change-requests/${changeId}`, signal),
  });
}
