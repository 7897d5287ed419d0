import { useState } from 'react';
import { ApiError } from './api.ts';
import { useRefresh } from './use-mapping.ts';

/** What these say is not there any more as it was shown: it is asked for again. */
const MOVED: ReadonlySet<number> = new Set([404, 409, 412]);

/** Runs one write about a mapping at a time, and shows afterwards what it changed, or what has moved. */
export function useWrite(id: string) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const refresh = useRefresh(id);

  async function run(write: () => Promise<unknown>, done?: () => void): Promise<boolean> {
    setBusy(true);
    try {
      await write();
      await refresh();
      setError(null);
      done?.();
      return true;
    } catch (problem) {
      if (problem instanceof ApiError && MOVED.has(problem.status)) await refresh();
      setError(problem instanceof Error ? problem : new Error(String(problem)));
      return false;
    } finally {
      setBusy(false);
    }
  }

  return { run, busy, error };
}
