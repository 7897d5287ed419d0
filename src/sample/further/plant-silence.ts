import { addDays } from '../../kernel/dates.ts';
import type { PlantedDrift } from '../../sdk/define-twin.ts';
import { instantAt, epochSeconds, TODAY } from '../instants.ts';
import { bought } from './bought.ts';
import { planting, times, type Planter, type Planting, type SaidRecord } from './planting.ts';

/** What the sources measure: a product that nobody needs a seat for. */
const MEASURED = 'AGENT-WATCHED';
/** At nine, when the company's day is looked at. */
const NOW = epochSeconds(`${TODAY}T09:00:00Z`);
const HOUR = 3_600;

function source(connection: string, seconds?: number): SaidRecord {
  const body = {
    externalRef: 'agent',
    name: `Agent ${connection}`,
    kind: 'telemetry',
    ...(seconds === undefined ? {} : { expectedIntervalSeconds: seconds }),
  };
  return { connection, noun: 'usageSource', body };
}

function heard(connection: string, hoursAgo: number): SaidRecord {
  const body = {
    externalRef: 'last',
    posture: 'licensee',
    subjectType: 'account',
    subjectRef: 'watched',
    skuCode: MEASURED,
    kind: 'active',
    observedAt: instantAt(NOW - hoursAgo * HOUR),
  };
  return { connection, noun: 'usageObservation', body };
}

/** Sources that fell silent, those that spoke lately, and one that never said how often it speaks. */
export function plantSilence({ prng, cases }: Planter): Planting {
  const silent = times(cases(), (at) => ({ connection: `agent-${at}`, hours: prng.int(3, 600) }));
  return planting({
    records: [
      ...bought(MEASURED, 'concurrent', [{ quantity: 100, from: addDays(TODAY, -500) }]),
      ...silent.flatMap(({ connection, hours }) => [
        { ...source(connection, HOUR), body: { ...source(connection, HOUR).body, externalRef: connection } },
        heard(connection, hours),
      ]),
      source('agent-speaks', HOUR),
      heard('agent-speaks', 1),
      source('agent-weekly', 7 * 24 * HOUR),
      heard('agent-weekly', 13 * 24),
      source('agent-unknown'),
      heard('agent-unknown', 700),
    ],
    planted: silent.map(({ connection, hours }): PlantedDrift => {
      const since = instantAt(NOW - (hours - 2) * HOUR);
      const note = `It has been silent for ${hours} hours and speaks every hour.`;
      return { kind: 'telemetry_gap', subject: { type: 'UsageSource', id: connection }, sku: null, note, since: addDays(since.slice(0, 10), since.slice(11) > '09:00:00Z' ? 1 : 0) };
    }),
  });
} // prettier-ignore
