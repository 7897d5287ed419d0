import type { FactorTable, MeteredSubject, MeterResult, MetricServer } from './define-metric.ts';
import { sumQuantities } from '../kernel/quantity.ts';
import type { Rational } from '../kernel/rational.ts';

/** A server whose processors are known. */
export interface Fitted {
  readonly server: MetricServer;
  readonly sockets: number;
  readonly coresPerSocket: number;
  readonly cores: number;
}

/** Those servers whose sockets and cores are known, and a gap for each other: what cannot be counted is not zero. */
export function fitted(servers: readonly MetricServer[]): {
  readonly known: readonly Fitted[];
  readonly gaps: readonly string[];
} {
  const known: Fitted[] = [];
  const gaps: string[] = [];
  for (const server of servers) {
    const { sockets, coresPerSocket, serverId } = server;
    if (sockets === null || coresPerSocket === null) gaps.push(`unknown_processors: ${serverId}`);
    else known.push({ server, sockets, coresPerSocket, cores: sockets * coresPerSocket });
  }
  return { known, gaps };
}

/** Machines that belong to somebody's data centre: a cloud has no processors of its own to count. */
export const onPremises = (servers: readonly MetricServer[]): readonly MetricServer[] =>
  servers.filter(({ cloud }) => cloud === 'none');

/** The factor of a server's processors; the worst of the table, with a warning, where the table does not know them. */
export function factorOf(
  table: FactorTable,
  { serverId, processorModel }: MetricServer,
): { readonly factor: Rational | null; readonly warning: string | null } {
  const factor = processorModel === null ? null : table.factor(processorModel);
  if (factor !== null) return { factor, warning: null };
  return {
    factor: table.worst,
    warning: `unknown_processor: ${serverId} counts at the highest factor of ${table.edition}`,
  };
}

/** What one server needs. */
export const needs = (
  { serverId, evidence }: MetricServer,
  rights: bigint | number | string,
): MeteredSubject => ({
  subjectId: serverId,
  licensableQuantity: String(rights),
  evidence,
});

/** The result of a metric that adds up servers. */
export function sumServers(
  counted: readonly MeteredSubject[],
  rest: Omit<MeterResult, 'required' | 'counted' | 'excluded'>,
): MeterResult {
  return {
    required: sumQuantities(counted.map((each) => each.licensableQuantity)),
    counted,
    excluded: [],
    ...rest,
  };
}
