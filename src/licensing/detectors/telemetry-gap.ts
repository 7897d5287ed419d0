import type { Fact } from '../../ledger/fact.ts';
import type { Snapshot } from '../snapshot.ts';
import { bySource } from '../sort.ts';
import type { Detector } from './detector.ts';

/** When each connection last measured anything, in milliseconds, with the fact that says so. */
function lastHeard(snapshot: Snapshot): ReadonlyMap<string, { at: number; factId: string }> {
  const heard = new Map<string, { at: number; factId: string }>();
  const note = ({ connection, factId }: Fact<never>, instant: string): void => {
    const at = Date.parse(instant);
    if ((heard.get(connection)?.at ?? Number.NEGATIVE_INFINITY) < at)
      heard.set(connection, { at, factId });
  };
  for (const each of snapshot.usage) note(each as Fact<never>, each.body.observedAt);
  for (const each of snapshot.checkouts)
    note(each as Fact<never>, each.body.inAt ?? each.body.outAt);
  for (const each of snapshot.denials) note(each as Fact<never>, each.body.at);
  return heard;
}

/**
 * A source that says how often it speaks and has been silent for more than `silentIntervals` of that (domain e). What it
 * measures is unknown since then; nobody complies by silence.
 */
export const telemetryGap: Detector = {
  kind: 'telemetry_gap',
  version: 1,
  severity: 'medium',
  detect({ snapshot }) {
    const heard = lastHeard(snapshot);
    const now = Date.parse(snapshot.knownAt);
    return snapshot.usageSources.toSorted(bySource).flatMap((source) => {
      const seconds = source.body.expectedIntervalSeconds;
      if (seconds === undefined) return [];
      const last = heard.get(source.connection);
      const limit = seconds * snapshot.detection.silentIntervals * 1_000;
      if (last !== undefined && now - last.at <= limit) return [];
      const since = last === undefined ? 'ever' : `since ${new Date(last.at).toISOString()}`;
      return {
        subject: { type: 'UsageSource', id: source.externalRef },
        connection: source.connection,
        sku: null,
        money: null,
        evidence: [source.factId, ...(last === undefined ? [] : [last.factId])],
        owner: 'it' as const,
        summary: `${source.body.name} has told nothing ${since}, though it speaks every ${seconds} seconds. What it measures is unknown since then: look at the source before a position is signed.`,
      };
    });
  },
};
