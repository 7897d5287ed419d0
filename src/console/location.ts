import { useSyncExternalStore } from 'react';

type Question = (leave: () => void) => void;

let at = window.location.pathname;
/** What asks whether unsaved work may be left behind; null while there is none. */
let question: Question | null = null;
const listeners = new Set<() => void>();

function arrive(): void {
  at = window.location.pathname;
  for (const listener of listeners) listener();
}

function move(path: string): void {
  window.history.pushState(null, '', path);
  arrive();
}

/** "Back" has moved already when the page hears of it: where there is a question, it goes to where it was and asks. */
window.addEventListener('popstate', () => {
  const wanted = window.location.pathname;
  if (question === null || wanted === at) arrive();
  else {
    window.history.pushState(null, '', at);
    question(() => move(wanted));
  }
});

function holdTab(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

/** The path of the address bar, as it changes. */
export function usePath(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => at,
  );
}

/** Does what leaves the page as it is: at once, or when who has unsaved work says so. */
export function leaveBy(leave: () => void): void {
  if (question === null) leave();
  else question(leave);
}

/** Goes to another page of the console without loading it anew. */
export function goTo(path: string): void {
  leaveBy(() => move(path));
}

/** From now on `ask` is told of every way out of the page, and the browser asks before it closes the tab. Returns the end of that. */
export function askBeforeLeaving(ask: Question): () => void {
  question = ask;
  window.addEventListener('beforeunload', holdTab);
  return () => {
    question = null;
    window.removeEventListener('beforeunload', holdTab);
  };
}
