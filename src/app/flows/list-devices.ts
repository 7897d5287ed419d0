import type { TenantTx } from '../../db/store.ts';
import { RELIABLE } from '../../ledger/identity/identities.ts';
import { linkMachines } from '../../ledger/identity/link-machines.ts';
import type {
  MachineFact,
  MachineLink,
  UnresolvedMachine,
} from '../../ledger/identity/machines.ts';
import { factsOf } from '../../ledger/facts.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** One machine with the records that sources keep of it. */
export interface ListedDevice {
  readonly key: string;
  readonly name: string;
  /** Records that count as this machine. */
  readonly sources: readonly MachineLink[];
  /** Records that may be this machine, on evidence that nothing relies on. */
  readonly maybe: readonly MachineLink[];
  readonly unresolved: readonly UnresolvedMachine[];
}

/**
 * The machines of the company as its sources know them now, one entry for what is one machine (domain b.5), in the order
 * of their keys. A link below the confidence that counts rely on is shown beside, never merged.
 */
export function listDevices(
  deps: Deps,
  caller: Caller,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<readonly ListedDevice[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const facts = await machineFacts(tx);
    const devices = devicesOf(facts);
    return devices.filter(({ key }) => page.after === undefined || key > page.after).slice(0, page.limit); // prettier-ignore
  });
}

async function machineFacts(tx: TenantTx): Promise<readonly MachineFact[]> {
  const knownAt = await tx.clock();
  return [...(await factsOf(tx, 'device', { knownAt })), ...(await factsOf(tx, 'host', { knownAt }))];
} // prettier-ignore

const idOf = ({ connection, noun, externalRef }: Pick<MachineLink, 'connection' | 'noun' | 'externalRef'>): string => `${connection}/${noun}/${externalRef}`; // prettier-ignore

function devicesOf(facts: readonly MachineFact[]): readonly ListedDevice[] {
  const { links, unresolved } = linkMachines(facts);
  const names = new Map(facts.map((fact) => [idOf(fact), fact.body.name]));
  const open = new Map(unresolved.map((each) => [idOf(each), each]));
  const isSure = (link: MachineLink): boolean => link.confidence >= RELIABLE;
  const maybe = Map.groupBy(
    links.filter((link) => !isSure(link)),
    ({ machineKey }) => machineKey,
  );
  // A record with an unsure link is a machine of its own until somebody says more.
  const keyOf = (link: MachineLink): string => isSure(link) ? link.machineKey : `record:${idOf(link)}`; // prettier-ignore
  return [...Map.groupBy(links, keyOf)]
    .map(([key, sources]): ListedDevice => {
      const [first] = sources;
      const beside = new Set([key, ...sources.map(({ machineKey }) => machineKey)]);
      return {
        key,
        name: first === undefined ? '' : (names.get(idOf(first)) ?? ''),
        sources,
        maybe: [...beside].flatMap((each) => maybe.get(each) ?? []).filter((each) => !sources.includes(each)), // prettier-ignore
        unresolved: sources.flatMap((source) => open.get(idOf(source)) ?? []),
      };
    })
    .toSorted((left, right) => (left.key < right.key ? -1 : 1));
}
