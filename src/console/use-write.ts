import { useState } from 'react';
import { useRefresh } from './use-mapping.ts';

/** Runs one write about a mapping at a time, and shows afterwards what it changed. */
export function useWrite(id: string) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const refresh = useRefresh(id);

  async function run(write: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    try {
      await write();
      await refresh();
      setError(null);
      return true;
    } catch (problem) {
      setError(problem instanceof Error ? problem : new Error(String(problem)));
      return false;
    } finally {
      setBusy(false);
    }
  }

  return { run, busy, error };
}
