import type { Noun } from '../canonical/nouns.ts';
import { contains } from '../kernel/dates.ts';
import type { Fact } from '../ledger/fact.ts';
import { byAccount } from '../ledger/identity/identities.ts';
import type {
  MetricDenial,
  MetricDevice,
  MetricReading,
  MetricServer,
  MetricSession,
  MetricVm,
} from '../sdk/define-metric.ts';
import { subjectOf, type Subjects } from './demand.ts';
import type { Snapshot } from './snapshot.ts';
import { bySource, compareText, groupBy } from './sort.ts';

/** What machines and licence servers hold of one product, besides persons and logins. */
export interface Holdings {
  readonly devices: readonly MetricDevice[];
  readonly servers: readonly MetricServer[];
  readonly sessions: readonly MetricSession[];
  readonly denials: readonly MetricDenial[];
  readonly readings: readonly MetricReading[];
}

export const NO_HOLDINGS: Holdings = {
  devices: [],
  servers: [],
  sessions: [],
  denials: [],
  readings: [],
};

export const isEmpty = (holdings: Holdings): boolean =>
  Object.values(holdings).every((each: readonly unknown[]) => each.length === 0);

/** One record of a machine or a licence server, and which pool it draws on. */
export type HoldingRecord =
  | Fact<'productInstance'>
  | Fact<'checkoutInterval'>
  | Fact<'denialEvent'>
  | Fact<'usageObservation'>;

/** The records of a snapshot that are no person's claim, in force on its day or measured within its window. */
export function holdingRecords(snapshot: Snapshot): readonly HoldingRecord[] {
  const { window } = snapshot;
  const day = snapshot.demandDay ?? snapshot.asOf;
  const inForce = ({ body }: Fact<'productInstance'>): boolean =>
    contains({ from: body.validFrom ?? day, to: body.validTo }, day);
  const metered = ({ body }: Fact<'usageObservation'>): boolean =>
    body.kind === 'metered' &&
    Date.parse(body.from ?? body.observedAt) < window.to &&
    Date.parse(body.to ?? body.observedAt) >= window.from;
  return [
    ...snapshot.instances.filter(inForce),
    ...snapshot.checkouts,
    ...snapshot.denials,
    ...snapshot.usage.filter(metered),
  ];
}

/** The machines of a snapshot by their keys. */
interface Machines {
  readonly devices: ReadonlyMap<string, Fact<'device'>>;
  readonly hosts: ReadonlyMap<string, Fact<'host'>>;
  readonly vms: ReadonlyMap<string, Fact<'vm'>>;
}

/** What the metric of a pool counts of the records that draw on it. */
export function holdingsOf(
  snapshot: Snapshot,
  subjects: Subjects,
): (records: readonly HoldingRecord[]) => Holdings {
  const keyed = <Name extends 'device' | 'host' | 'vm'>(facts: readonly Fact<Name>[]) =>
    new Map(facts.map((each) => [byAccount(each.connection, each.externalRef), each]));
  const machines = {
    devices: keyed(snapshot.devices),
    hosts: keyed(snapshot.hosts),
    vms: keyed(snapshot.vms),
  };
  return (records) => holdingsAmong(records, { snapshot, subjects, machines });
}

function holdingsAmong(
  records: readonly HoldingRecord[],
  {
    snapshot,
    subjects,
    machines,
  }: {
    readonly snapshot: Snapshot;
    readonly subjects: Subjects;
    readonly machines: Machines;
  },
): Holdings {
  const sorted = records.toSorted(bySource);
  const of = <Name extends HoldingRecord['noun']>(noun: Name) =>
    sorted.filter((each) => each.noun === noun) as Extract<
      HoldingRecord,
      { readonly noun: Name }
    >[];
  const instances = of('productInstance');
  return {
    devices: devicesOf(instances, machines, subjects),
    servers: serversOf(instances, machines),
    sessions: of('checkoutInterval')
      .map((each) => sessionOf(each, snapshot))
      .toSorted((left, right) => compareText(left.sessionId, right.sessionId)),
    denials: of('denialEvent')
      .map(denialOf)
      .toSorted(
        (left, right) => left.at - right.at || compareText(left.userId ?? '', right.userId ?? ''),
      ),
    readings: of('usageObservation')
      .map(readingOf)
      .toSorted(
        (left, right) => compareText(left.subjectId, right.subjectId) || left.from - right.from,
      ),
  };
}

function devicesOf(
  instances: readonly Fact<'productInstance'>[],
  { devices }: Machines,
  subjects: Subjects,
): readonly MetricDevice[] {
  const copies = groupBy(
    instances.filter(({ body }) => body.deviceRef !== undefined),
    ({ connection, body }) => byAccount(connection, body.deviceRef ?? ''),
  );
  return [...copies]
    .map(([key, own]) => {
      const device = devices.get(key);
      const user = device?.body.primaryUserRef;
      const primaryUserId =
        device === undefined || user === undefined
          ? null
          : subjectOf(subjects, device.connection, user);
      return {
        deviceId: `device:${key}`,
        kind: device?.body.kind ?? ('other' as const),
        primaryUserId,
        userIds: primaryUserId === null ? [] : [primaryUserId],
        installs: own.length,
        environment: device?.body.environment ?? ('prod' as const),
        evidence: [
          ...own.map(({ factId }) => factId),
          ...(device === undefined ? [] : [device.factId]),
        ],
      };
    })
    .toSorted((left, right) => compareText(left.deviceId, right.deviceId));
}

/** Hosts with the product on them or on their machines; machines without a host stand under their cluster or their cloud. */
function serversOf(
  instances: readonly Fact<'productInstance'>[],
  { hosts, vms }: Machines,
): readonly MetricServer[] {
  const placed = instances.flatMap((fact) => {
    const { connection, body } = fact;
    const vm = body.vmRef === undefined ? undefined : vms.get(byAccount(connection, body.vmRef));
    const hostRef = body.hostRef ?? vm?.body.hostRef;
    if (hostRef !== undefined) return [{ fact, vm, server: byAccount(connection, hostRef) }];
    if (vm === undefined) return [];
    const place =
      vm.body.cloud === 'none'
        ? `cluster:${vm.body.clusterRef ?? vm.externalRef}`
        : `cloud:${vm.body.cloud}`;
    return [{ fact, vm, server: byAccount(connection, place) }];
  });
  return [...groupBy(placed, ({ server }) => server)]
    .map(([server, own]) => {
      const host = hosts.get(server);
      const first = own[0]?.vm?.body;
      const machines = [
        ...new Map(
          own.flatMap(({ vm }) => (vm === undefined ? [] : [[vm.factId, vm] as const])),
        ).values(),
      ];
      const known = host === undefined ? elsewhere(first) : hostServer(host);
      return {
        ...known,
        serverId: `server:${server}`,
        clusterId: known.clusterId ?? first?.clusterRef ?? null,
        runsDirectly: own.some(({ vm }) => vm === undefined),
        vms: machines.map(vmOf).toSorted((left, right) => compareText(left.vmId, right.vmId)),
        evidence: [...own.map(({ fact }) => fact.factId), ...known.evidence],
      };
    })
    .toSorted((left, right) => compareText(left.serverId, right.serverId));
}

/** A whole host, whatever runs on it. */
export function hostServer(host: Fact<'host'>): MetricServer {
  const { connection, externalRef, factId, body } = host;
  return {
    serverId: `server:${byAccount(connection, externalRef)}`,
    clusterId: body.clusterRef ?? null,
    cloud: 'none',
    sockets: body.occupiedSockets ?? body.physicalSockets ?? null,
    coresPerSocket: body.coresPerSocket ?? null,
    threadsPerCore: body.threadsPerCore ?? null,
    processorModel: body.processorModel ?? null,
    runsDirectly: false,
    vms: [],
    environment: body.environment,
    evidence: [factId],
  };
}

/** A server of which nothing is known but a machine on it: in a cluster, or in a cloud. */
function elsewhere(vm: Fact<'vm'>['body'] | undefined): Omit<MetricServer, 'serverId'> {
  return {
    clusterId: vm?.clusterRef ?? null,
    cloud: vm?.cloud ?? 'none',
    sockets: null,
    coresPerSocket: null,
    threadsPerCore: null,
    processorModel: null,
    runsDirectly: false,
    vms: [],
    environment: vm?.environment ?? 'prod',
    evidence: [],
  };
}

/** A virtual machine as metrics see it. */
export function vmOf({ connection, externalRef, factId, body }: Fact<'vm'>): MetricVm {
  return {
    vmId: `vm:${byAccount(connection, externalRef)}`,
    vCpus: body.vCpus,
    environment: body.environment,
    evidence: [factId],
  };
}

/** Held until it was checked in or its borrowing expired; what has no end is held until the window ends. */
function sessionOf(
  { connection, externalRef, factId, body }: Fact<'checkoutInterval'>,
  { window }: Snapshot,
): MetricSession {
  const end = body.inAt ?? body.borrowedUntil;
  return {
    sessionId: byAccount(connection, externalRef),
    server: body.server ?? null,
    feature: body.feature,
    userId: body.userRef ?? null,
    quantity: body.quantity,
    from: Date.parse(body.outAt),
    to: end === undefined ? window.to : Date.parse(end),
    inferred: end === undefined || INFERRED.has(body.endReason),
    evidence: [factId],
  };
}

const INFERRED: ReadonlySet<Noun<'checkoutInterval'>['endReason']> = new Set([
  'inferred',
  'shutdown',
  'timeout',
]);

/** Reason codes of a licence server that has too few licences (FlexNet -4; -101 on its wait queue). */
const CAPACITY = /^-?(4|101)\b/;

function denialOf({ factId, body }: Fact<'denialEvent'>): MetricDenial {
  return {
    at: Date.parse(body.at),
    feature: body.feature,
    userId: body.userRef ?? null,
    requested: body.requested,
    isCapacity: CAPACITY.test(body.reasonCode),
    evidence: [factId],
  };
}

function readingOf({ connection, factId, body }: Fact<'usageObservation'>): MetricReading {
  const from = Date.parse(body.from ?? body.observedAt);
  return {
    subjectId: byAccount(connection, body.subjectRef),
    quantity: body.quantity,
    from,
    to: body.to === undefined ? from : Date.parse(body.to),
    environment: 'prod',
    evidence: [factId],
  };
}
