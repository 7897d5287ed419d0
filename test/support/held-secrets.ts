import type { ConnectorContext, Vault } from '../../src/sdk/define-connector.ts';

type Held<Secrets> = Pick<ConnectorContext<unknown, Secrets>, 'secrets' | 'vault' | 'reportUsage'>;

/** What a connector gets of its secrets, kept by this process alone; nobody listens to the vendor's count of calls. */
export function heldSecrets<Secrets>(secrets: Secrets): Held<Secrets> {
  return { secrets, vault: memoryVault(secrets), reportUsage: () => undefined };
}

/** A vault of one process: it hands out what was saved last, to one caller after the other. */
export function memoryVault<Secrets>(stored: Secrets): Vault<Secrets> {
  let newest = stored;
  let last: Promise<unknown> = Promise.resolve();
  return {
    fresh: (use) => {
      const turn = last.then(() =>
        use(newest, async (next) => {
          newest = next;
        }),
      );
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
