import type { Deps } from '../../src/app/deps.ts';
import { listenToConnection } from '../../src/app/listeners/listen-to-connection.ts';
import type { Crew } from './crew.ts';

/** A process that listens to a connection's change events. When it dies, another one takes over. */
export interface Listening {
  start(): void;
  /** A poll begins: what the ones before it brought is kept. */
  polled(): void;
  /** Waits until so many more polls have begun. */
  heard(polls: number): Promise<void>;
  stop(): Promise<void>;
}

interface ListeningDeps {
  readonly deps: Deps;
  readonly crew: Crew;
  readonly tenantId: string;
  readonly connection: string;
  readonly streams: readonly string[];
}

export function createListening({ deps, crew, ...listened }: ListeningDeps): Listening {
  let stopping = new AbortController();
  let ended: Promise<void> | null = null;
  let polls = 0;
  let waiter: { readonly until: number; readonly tell: () => void } | null = null;

  const listen = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const worker = crew.extra();
      const both = AbortSignal.any([signal, worker.life.signal]);
      await crew.run(worker, () => listenToConnection(deps, listened, both));
    }
  };
  return {
    start: () => {
      stopping = new AbortController();
      ended = listen(stopping.signal);
    },
    polled: () => {
      polls += 1;
      if (waiter !== null && polls >= waiter.until) waiter.tell();
    },
    heard: (more) =>
      new Promise((tell) => {
        waiter = { until: polls + more, tell };
      }),
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}
