import { useQuery } from '@tanstack/react-query';
import { read } from './api.ts';
import type { Mapping } from './mapping-types.ts';
import { mappingPath } from './use-mapping.ts';

export interface SourceField {
  readonly name: string;
  readonly label: string;
  readonly type: string;
}

/** The fields that the source of a mapping has, as far as they are known now. */
export function useFields({ id }: Mapping): readonly SourceField[] {
  const fields = useQuery({
    queryKey: ['fields', id],
    queryFn: ({ signal }) =>
      read<{ readonly source: { readonly fields: readonly SourceField[] } }>(
        `${mappingPath(id)}/fields`,
        signal,
      ),
  });
  return fields.data?.source.fields ?? [];
}
