import { useQuery } from '@tanstack/react-query';
import { read } from './api.ts';

/** Whose key this tab has, and what it may do. */
export interface Me {
  readonly tenantId: string;
  readonly personId: string;
  readonly personName: string;
  readonly permissions: readonly string[];
}

/** Who is signed in; null until the server has said it. */
export function useMe(): Me | null {
  const me = useQuery({ queryKey: ['me'], queryFn: ({ signal }) => read<Me>('/me', signal) });
  return me.data ?? null;
}
