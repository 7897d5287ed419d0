import * as z from 'zod';
import type {
  ExcludedSubject,
  MeterInput,
  MeterResult,
  MetricServer,
} from '../../../sdk/define-metric.ts';
import { factorOf, fitted, onPremises } from '../../../sdk/metering-servers.ts';
import { add, ceil, multiply, rational, toPlain, type Rational } from '../../../sdk/kernel.ts';

/**
 * What Oracle's processor count depends on. Where it is rounded is disputed between published readings (one class of
 * factors, one server, or all at once), so the contract's reading is a parameter, and the result names it.
 */
export const ORACLE_ATTRIBUTES = z.strictObject({
  edition: z.enum(['EE', 'SE', 'SE2']).default('EE'),
  roundingScope: z.enum(['per_factor_class', 'per_server', 'total']).default('per_factor_class'),
  factorTable: z.string().default('oracle_core_factor'),
  /** Two virtual processors are one core where hyper-threading is on. */
  hyperThreading: z.boolean().default(true),
  vCpusPerProcessor: z.number().int().positive().default(4),
  /** Larger cloud machines may not run the edition at all; null where the contract knows no such cap. */
  instanceSizeCap: z.number().int().positive().nullable().default(null),
  /** Servers with more sockets may not run the edition at all (SE2: 2). */
  socketCap: z.number().int().positive().nullable().default(null),
});
type Attributes = z.output<typeof ORACLE_ATTRIBUTES>;

/** So many processors of one kind, not yet rounded. */
interface Part {
  readonly subjectId: string;
  /** What is rounded together. */
  readonly group: string;
  readonly exact: Rational;
  readonly text: string;
  readonly evidence: readonly string[];
}

/** Servers and cloud machines as Oracle processors; those that a cap forbids are unlicensable, whatever is owned. */
export function oracleProcessors(input: MeterInput, attributes: Attributes): MeterResult {
  const local =
    attributes.edition === 'EE' ? byCores(input, attributes) : bySockets(input.servers, attributes);
  const cloud = inClouds(input.servers, attributes);
  const parts = [...local.parts, ...cloud.parts];
  const groups = Map.groupBy(parts, ({ group }) => group);
  const rounded = [...groups].map(([group, own]) => {
    const exact = own.reduce((sum, each) => add(sum, each.exact), rational(0n));
    return { group, exact, whole: ceil(exact) };
  });
  return {
    required: String(rounded.reduce((sum, { whole }) => sum + whole, 0n)),
    counted: parts.map(({ subjectId, exact, evidence }) => ({
      subjectId,
      licensableQuantity: toPlain(exact, 6),
      evidence,
    })),
    excluded: [],
    unlicensable: [...local.refused, ...cloud.refused],
    gaps: local.gaps,
    warnings: local.warnings,
    figures: { roundingScope: attributes.roundingScope },
    explanation: [
      ...parts.map(({ text }) => text),
      ...rounded.map(
        ({ group, exact, whole }) => `${group}: ceil(${toPlain(exact, 6)}) = ${whole} processors`,
      ),
    ],
  };
}

interface Counted {
  readonly parts: readonly Part[];
  readonly refused: readonly ExcludedSubject[];
  readonly gaps: readonly string[];
  readonly warnings: readonly string[];
}

function byCores({ servers, factorTable }: MeterInput, attributes: Attributes): Counted {
  const table = factorTable(attributes.factorTable);
  const { known, gaps } = fitted(onPremises(servers));
  if (table === null && known.length > 0)
    return {
      parts: [],
      refused: [],
      warnings: [],
      gaps: [`missing_factor_table: ${attributes.factorTable}`],
    };
  const counted = known.map(({ server, cores }) => {
    const { factor, warning } =
      table === null ? { factor: null, warning: null } : factorOf(table, server);
    return { server, cores, factor, warning };
  });
  const parts = counted.flatMap(({ server, cores, factor }) => {
    if (factor === null) return [];
    const exact = multiply(rational(BigInt(cores)), factor);
    const text = `${server.serverId}: ${cores} cores × ${toPlain(factor, 6)} = ${toPlain(exact, 6)}`;
    const group = {
      per_factor_class: `factor ${toPlain(factor, 6)}`,
      per_server: server.serverId,
      total: 'all servers',
    }[attributes.roundingScope];
    return [{ subjectId: server.serverId, group, exact, text, evidence: server.evidence }];
  });
  return {
    parts,
    refused: [],
    gaps: [
      ...gaps,
      ...counted.flatMap(({ server, factor }) =>
        factor === null ? [`no_factor: ${server.serverId}`] : [],
      ),
    ],
    warnings: counted.flatMap(({ warning }) => warning ?? []),
  };
}

/** Standard Edition counts sockets that are fitted, whatever cores they hold. */
function bySockets(servers: readonly MetricServer[], { socketCap }: Attributes): Counted {
  const { known, gaps } = fitted(onPremises(servers));
  const allowed = known.filter(({ sockets }) => socketCap === null || sockets <= socketCap);
  return {
    parts: allowed.map(({ server, sockets }) => ({
      subjectId: server.serverId,
      group: server.serverId,
      exact: rational(BigInt(sockets)),
      text: `${server.serverId}: ${sockets} sockets`,
      evidence: server.evidence,
    })),
    refused: known
      .filter((each) => !allowed.includes(each))
      .map(({ server }) => ({ subjectId: server.serverId, reason: 'too_many_sockets' })),
    gaps,
    warnings: [],
  };
}

/** In a cloud no core factor applies: virtual processors count, by edition (G-30). */
function inClouds(
  servers: readonly MetricServer[],
  attributes: Attributes,
): Pick<Counted, 'parts' | 'refused'> {
  const { edition, hyperThreading, vCpusPerProcessor, instanceSizeCap } = attributes;
  const vms = servers.filter(({ cloud }) => cloud !== 'none').flatMap((server) => server.vms);
  const tooLarge = vms.filter(({ vCpus }) => instanceSizeCap !== null && vCpus > instanceSizeCap);
  const per = edition !== 'EE' ? vCpusPerProcessor : hyperThreading ? 2 : 1;
  return {
    refused: tooLarge.map(({ vmId }) => ({ subjectId: vmId, reason: 'instance_too_large' })),
    parts: vms
      .filter((each) => !tooLarge.includes(each))
      .map(({ vmId, vCpus, evidence }) => ({
        subjectId: vmId,
        group: vmId,
        exact: rational(BigInt(vCpus), BigInt(per)),
        text: `${vmId}: ${vCpus} virtual processors / ${per}`,
        evidence,
      })),
  };
}
