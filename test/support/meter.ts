import type {
  MeterInput,
  MeterResult,
  MetricDefinition,
  MetricDevice,
  MetricServer,
  MetricSession,
  MetricSubject,
} from '../../src/sdk/define-metric.ts';
import { parseFraction } from '../../src/kernel/rational.ts';

const NOTHING: MeterInput = {
  asOf: '2026-03-02',
  window: { from: Date.parse('2026-03-02T00:00:00Z'), to: Date.parse('2026-03-07T00:00:00Z') },
  subjects: [],
  devices: [],
  servers: [],
  sessions: [],
  denials: [],
  readings: [],
  factorTable: () => null,
};

/** What a metric makes of an input, under parameters; what is left out does not exist. */
export function metered(
  metric: MetricDefinition,
  input: Partial<MeterInput>,
  attributes: Readonly<Record<string, unknown>> = {},
): MeterResult {
  return metric.meter({ ...NOTHING, ...input }, metric.attributes.parse(attributes));
}

/** Somebody with a seat. */
export const person = (subjectId: string, change: Partial<MetricSubject> = {}): MetricSubject => ({
  subjectId,
  kind: 'human',
  active: true,
  assigned: true,
  quantity: '1',
  evidence: [`fct_${subjectId}`],
  ...change,
});

export const persons = (
  count: number,
  change: Partial<MetricSubject> = {},
): readonly MetricSubject[] => Array.from({ length: count }, (_, at) => person(`u${at}`, change));

export const device = (deviceId: string, change: Partial<MetricDevice> = {}): MetricDevice => ({
  deviceId,
  kind: 'desktop',
  primaryUserId: null,
  userIds: [],
  installs: 1,
  environment: 'prod',
  evidence: [`fct_${deviceId}`],
  ...change,
});

/** A server with so many sockets of so many cores, and the virtual processors of each machine on it. */
export const server = (
  serverId: string,
  [sockets, coresPerSocket]: readonly [number | null, number | null],
  vms: readonly number[] = [],
  change: Partial<MetricServer> = {},
): MetricServer => ({
  serverId,
  clusterId: null,
  cloud: 'none',
  sockets,
  coresPerSocket,
  threadsPerCore: 1,
  processorModel: null,
  runsDirectly: vms.length === 0,
  vms: vms.map((vCpus, at) => ({
    vmId: `${serverId}-vm${at}`,
    vCpus,
    environment: 'prod',
    evidence: [`fct_${serverId}-vm${at}`],
  })),
  environment: 'prod',
  evidence: [`fct_${serverId}`],
  ...change,
});

/** Virtual machines of a cloud. */
export const cloud = (vms: readonly number[], change: Partial<MetricServer> = {}): MetricServer =>
  server('cloud', [null, null], vms, { cloud: 'aws', runsDirectly: false, ...change });

/** A check-out of 2 March 2026, from and to as "09:30". */
export const session = (
  sessionId: string,
  from: string,
  to: string,
  change: Partial<MetricSession> = {},
): MetricSession => ({
  sessionId,
  server: null,
  feature: 'cad',
  userId: sessionId,
  quantity: '1',
  from: Date.parse(`2026-03-02T${from}:00Z`),
  to: Date.parse(to.length > 5 ? to : `2026-03-02T${to}:00Z`),
  inferred: false,
  evidence: [`fct_${sessionId}`],
  ...change,
});

/** A table of factors by processor; a table of one factor has it for all. */
export const factors =
  (rows: Readonly<Record<string, string>>): MeterInput['factorTable'] =>
  () => {
    const known = new Map(
      Object.entries(rows).map(([key, factor]) => [key, parseFraction(factor)]),
    );
    const worst =
      [...known.values()].toSorted((a, b) => Number(b.num * a.den - a.num * b.den))[0] ?? null;
    return { edition: 'a test', factor: (key) => known.get(key) ?? null, worst };
  };
