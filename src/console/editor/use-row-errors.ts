import { useQuery } from '@tanstack/react-query';
import { readAll } from '../api.ts';
import type { ErrorGroup } from '../errors/error-types.ts';
import { useMay } from '../use-may.ts';
import { rowErrors, type RowErrors } from './row-errors.ts';
import { usePreview, type Previewed } from './use-preview.ts';

/** What is wrong with the rows of a mapping as they stand in the form, and with what waits because of it. */
export function useRowErrors(previewed: Previewed): RowErrors {
  const { id } = previewed;
  const preview = usePreview(previewed);
  const waiting = useQuery({
    queryKey: ['errors', id],
    enabled: useMay().can('errors:read'),
    queryFn: ({ signal }) =>
      readAll<ErrorGroup>(`/errors/groups?mapping=${encodeURIComponent(id)}`, signal),
  });
  return rowErrors({
    preview: preview.data,
    refusal: preview.error,
    waiting: waiting.data ?? [],
  });
}
