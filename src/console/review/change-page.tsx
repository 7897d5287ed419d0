import { useQuery } from '@tanstack/react-query';
import { read } from '../api.ts';
import { MappingPage } from '../mapping-page.tsx';
import { Waiting } from '../waiting.tsx';
import type { ChangeRequest } from './review-types.ts';

/** The address of a request leads to the mapping that it is about, where it is reviewed. */
export function ChangePage({ id }: { readonly id: string }) {
  const change = useQuery({
    queryKey: ['change', id],
    queryFn: ({ signal }) =>
      read<ChangeRequest>(`/change-requests/${encodeURIComponent(id)}`, signal),
  });
  return (
    <Waiting query={change}>
      {change.data === undefined ? null : <MappingPage id={change.data.mappingId} tab="review" />}
    </Waiting>
  );
}
