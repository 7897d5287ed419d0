import { useQuery } from '@tanstack/react-query';
import { read } from '../api.ts';
import { mappingPath } from '../use-mapping.ts';

export interface DescribedField {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly required: boolean;
  readonly readOnly: boolean;
  readonly key: boolean;
  readonly custom: boolean;
}

export interface Sides {
  readonly source: readonly DescribedField[];
  readonly target: readonly DescribedField[];
}

interface Answered {
  readonly source: { readonly fields: readonly DescribedField[] };
  readonly target: { readonly fields: readonly DescribedField[] };
}

/** The fields of both sides of a mapping, as far as they are known now. */
export function useFields(id: string): Sides {
  const sides = useQuery({
    queryKey: ['fields', id],
    queryFn: ({ signal }) => read<Answered>(`${mappingPath(id)}/fields`, signal),
  });
  return {
    source: sides.data?.source.fields ?? [],
    target: sides.data?.target.fields ?? [],
  };
}
