import { useSyncExternalStore } from 'react';

const NAME = 'trueup.key';
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

/** The key that this tab signs in with, or null. It stays in the tab and goes with it. */
export function currentKey(): string | null {
  return sessionStorage.getItem(NAME);
}

/** Signs the tab in, or out with null. */
export function keepKey(key: string | null): void {
  if (key === null) sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, key);
  tell();
}

/** The key of this tab, as it changes. */
export function useKey(): string | null {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, currentKey);
}
