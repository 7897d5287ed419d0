import { contains } from '../../kernel/dates.ts';
import type { Fact } from '../../ledger/fact.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import type { MeteredSubject } from '../../sdk/define-metric.ts';
import type { PoolFigures } from '../figures.ts';
import { hostServer, NO_HOLDINGS, vmOf } from '../holdings.ts';
import type { MetricRules } from '../metric-rules.ts';
import type { Snapshot } from '../snapshot.ts';
import { bySource, compareText, groupBy } from '../sort.ts';
import type { Terms } from './terms.ts';
import { Unions } from './unions.ts';

/** One way to license the machines of a unit: by the product that licenses them, and at which layer. */
export interface LayerOption {
  readonly layer: 'hosts' | 'machines';
  readonly pool: PoolFigures;
  /** What that product then needs. */
  readonly came: readonly MeteredSubject[];
  /** The machines that nobody else licenses then. */
  readonly gone: ReadonlySet<string>;
  /** The pools whose machines those are. */
  readonly covers: readonly PoolFigures[];
}

/**
 * Hosts that are licensed together: those between which their machines may move. Beside each machine for itself there are its
 * options.
 */
export interface LayerUnit {
  readonly id: string;
  readonly options: readonly LayerOption[];
}

type Place = { readonly vm: Fact<'vm'>; readonly hosts: readonly Fact<'host'>[] };

/** Which rights of one product license whole hosts, and whose machines on them. */
interface Giver {
  readonly pool: PoolFigures;
  readonly covers: readonly PoolFigures[];
}

const UNLIMITED = 'unlimited_virtualization';
/** Use rights by which a right to a host also licenses other products on it: those that they name, editions and versions. */
const COVERING: ReadonlySet<string> = new Set([
  UNLIMITED,
  'multi_version',
  'downgrade',
  'edition_downgrade',
]);

/** The units of a snapshot that may be licensed in more than one way, in the order of their ids. */
export function layerUnits(
  figures: readonly PoolFigures[],
  snapshot: Snapshot,
  terms: Terms,
  rules: MetricRules,
): readonly LayerUnit[] {
  const owners = groupBy(
    figures.filter(({ metric, pool }) => metric !== null && pool.ownerRef !== 'unknown'),
    ({ pool }) => JSON.stringify([pool.posture, pool.ownerRef]),
  );
  const places = placesOf(snapshot);
  return [...owners.values()]
    .flatMap((own) => {
      const givers = own
        .filter(({ metric }) => metric !== null && rules.meterHosts(metric, []) !== null)
        .flatMap((pool) => giverOf(pool, own, terms));
      const machines = new Set(
        givers.flatMap(({ covers }) => covers.flatMap((each) => machinesOf(each))),
      );
      const concerned = places.filter(({ vm }) => machines.has(vmOf(vm).vmId));
      return unitsOf(concerned).map((unit) => ({
        id: nameOf(unit),
        options: givers.flatMap((giver) => optionsOf(giver, unit, rules)),
      }));
    })
    .filter(({ options }) => options.length > 0)
    .toSorted((left, right) => compareText(left.id, right.id));
}

const machinesOf = ({ met }: PoolFigures): readonly string[] =>
  met.counted.flatMap(({ subjectId }) => (subjectId.startsWith('vm:') ? [subjectId] : []));

/**
 * Its own machines, and those of products that its rights cover as well. Only what all rights in force allow counts, for nobody
 * can say which of them licenses a host.
 */
function giverOf(pool: PoolFigures, own: readonly PoolFigures[], terms: Terms): readonly Giver[] {
  const rights = pool.pool.entitlements
    .filter(({ owned, unlimited }) => unlimited || owned !== '0')
    .map(({ fact }) => terms.useRightsOf(fact));
  const virtualizes = rights.map((each) => each.some(({ kind }) => kind === UNLIMITED));
  if (rights.length === 0 || virtualizes.includes(false)) return [];
  const targets = rights.map(
    (each) =>
      new Set(
        each
          .filter(({ kind }) => COVERING.has(kind))
          .flatMap(({ targetModelRefs }) => targetModelRefs),
      ),
  );
  const isCovered = ({ pool: { skuCode } }: PoolFigures): boolean =>
    targets.every((each) => terms.modelsOf(skuCode).some((model) => each.has(model)));
  return [{ pool, covers: own.filter((each) => each === pool || isCovered(each)) }];
}

/** Each machine on premises with the hosts on which it may run. */
function placesOf(snapshot: Snapshot): readonly Place[] {
  const day = snapshot.demandDay ?? snapshot.asOf;
  const hosts = snapshot.hosts
    .filter(({ body }) => contains({ from: body.validFrom ?? day, to: body.validTo }, day))
    .toSorted(bySource);
  const byRef = new Map(hosts.map((each) => [byAccount(each.connection, each.externalRef), each]));
  const byCluster = groupBy(hosts, ({ connection, body }) =>
    byAccount(connection, body.clusterRef ?? ''),
  );
  return snapshot.vms.toSorted(bySource).flatMap((vm) => {
    const { connection, body } = vm;
    if (body.cloud !== 'none') return [];
    const named = (ref: string): readonly Fact<'host'>[] => {
      const found = byRef.get(byAccount(connection, ref));
      return found === undefined ? [] : [found];
    };
    const home = body.hostRef === undefined ? [] : named(body.hostRef);
    const cluster = body.clusterRef ?? home[0]?.body.clusterRef;
    const anywhere =
      cluster === undefined ? home : (byCluster.get(byAccount(connection, cluster)) ?? home);
    const bound = body.hostAffinityRefs.flatMap(named);
    // An affinity of which a host is unknown bounds nothing that could be counted.
    const mayRunOn = bound.length === 0 || bound.length < body.hostAffinityRefs.length ? anywhere : bound; // prettier-ignore
    return mayRunOn.length === 0 ? [] : [{ vm, hosts: mayRunOn }];
  });
}

/** Machines that share a host stand together, and so do their hosts. */
function unitsOf(places: readonly Place[]): readonly (readonly Place[])[] {
  const together = new Unions();
  for (const { hosts } of places)
    for (const { factId } of hosts) together.join(hosts[0]?.factId ?? factId, factId);
  return [...groupBy(places, ({ hosts }) => together.find(hosts[0]?.factId ?? '')).values()];
}

const hostsOf = (unit: readonly Place[]): readonly Fact<'host'>[] =>
  [
    ...new Map(unit.flatMap(({ hosts }) => hosts).map((host) => [host.factId, host])).values(),
  ].toSorted(bySource);

function nameOf(unit: readonly Place[]): string {
  const hosts = hostsOf(unit);
  const clusters = new Set(hosts.map(({ body }) => body.clusterRef));
  const [first] = hosts;
  const [cluster] = clusters;
  const whole = clusters.size === 1 && cluster !== undefined && hosts.length > 1;
  const name = whole ? cluster : hosts.map(({ externalRef }) => externalRef).join('+');
  return `${first?.connection ?? ''}/${name}`;
}

function optionsOf(
  { pool, covers }: Giver,
  unit: readonly Place[],
  rules: MetricRules,
): readonly LayerOption[] {
  const { metric } = pool;
  const ids = new Set(unit.map(({ vm }) => vmOf(vm).vmId));
  const concerned = covers.filter((each) => machinesOf(each).some((id) => ids.has(id)));
  const gone = new Set(concerned.flatMap(machinesOf).filter((id) => ids.has(id)));
  if (metric === null || concerned.length === 0) return [];
  const facts = hostsOf(unit);
  const byHosts = rules.meterHosts(metric, facts.map(hostServer));
  const [first] = facts;
  if (byHosts === null || first === undefined) return [];
  const vms = unit.map(({ vm }) => vmOf(vm)).filter(({ vmId }) => gone.has(vmId));
  const servers = [{ ...hostServer(first), vms }];
  const byMachines = rules.meter(metric, { ...pool.pool, claims: [], holdings: { ...NO_HOLDINGS, servers } }); // prettier-ignore
  const option = { pool, gone, covers: concerned };
  return [
    // Hosts whose processors nobody knows cannot be counted.
    ...((byHosts.gaps ?? []).length > 0
      ? []
      : [{ ...option, layer: 'hosts' as const, came: byHosts.counted }]),
    // By machines it is another choice only where machines of other products are there.
    ...(concerned.every((each) => each === pool)
      ? []
      : [{ ...option, layer: 'machines' as const, came: byMachines.counted }]),
  ];
}
