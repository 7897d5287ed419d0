import { useQuery } from '@tanstack/react-query';
import { read } from './api.ts';
import type { ChangeRequest } from './review/review-types.ts';
import { useMe } from './use-me.ts';

/** What the person of this tab may do; nothing as long as that is not known. The API refuses the rest all the same. */
export interface May {
  can(permission: string): boolean;
  /** True for who wrote or submitted a request. */
  wrote(change: ChangeRequest): boolean;
  /** Whether the company wants a second person for every mapping; taken as so until it is known. */
  readonly needsSecondPerson: boolean;
  /** Write, approve and publish, all by this one person. */
  readonly publishesAlone: boolean;
}

/** What the person may do with mappings. */
export function useMay(): May {
  const me = useMe();
  const can = (permission: string) => me?.permissions.includes(permission) === true;
  const rules = useQuery({
    queryKey: ['mapping-rules'],
    queryFn: ({ signal }) => read<{ readonly secondPerson: boolean }>('/mapping-rules', signal),
    enabled: can('settings:read'),
  });
  const needsSecondPerson = rules.data?.secondPerson !== false;
  const all = ['mappings:write', 'mappings:approve', 'mappings:publish'];
  return {
    can,
    wrote: ({ editors, submittedBy }) =>
      me !== null && [submittedBy, ...editors].includes(me.personId),
    needsSecondPerson,
    publishesAlone: !needsSecondPerson && all.every(can),
  };
}
