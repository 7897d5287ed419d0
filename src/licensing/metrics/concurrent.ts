import * as z from 'zod';
import { defineMetric, type MetricDenial, type MetricSession } from '../../sdk/define-metric.ts';
import { peakOf, type Peak, type Held } from '../../sdk/peak.ts';
import { scaleQuantity, sumQuantities } from '../../sdk/kernel.ts';

/**
 * Licences held at the same time: the peak over half-open intervals within the window; a check-in counts before a check-out
 * of the same instant (G-11, G-12). A borrowed licence is held until it is back (G-14). Who was denied and waited is shown
 * as demand and needs no right (G-13).
 */
export default defineMetric({
  code: 'concurrent',
  version: 1,
  title: 'Concurrent use',
  family: 'concurrent',
  unit: 'licence',
  aggregation: 'peak',
  source:
    'ServiceNow SAM, "Software Asset Management license metrics": peak of licenses checked out during a specified time',
  attributes: z.strictObject({
    /** `server`: the rights of one licence server serve no other (G-17). */
    scope: z.enum(['all', 'server']).default('all'),
    /** Licences that one check-out of a feature takes (token licences; G-16). */
    tokensPerFeature: z.record(z.string(), z.number().int().positive()).default({}),
  }),
  meter({ sessions, denials, window }, { scope, tokensPerFeature }) {
    const held = sessions.map((each) => weighed(each, tokensPerFeature));
    const groups = Map.groupBy(held, ({ server }) => (scope === 'server' ? server : null));
    const peaks = [...groups].map(([server, own]) => ({ server, peak: peakOf(own, window) }));
    const reachedAt = peaks.length === 1 ? (peaks[0]?.peak.at ?? null) : null;
    const required = sumQuantities(peaks.map(({ peak }) => peak.quantity));
    const waiting = denials
      .filter(({ isCapacity }) => isCapacity)
      .map((each) => waits(each, sessions, window.to));
    const demand = peakOf(
      [...held, ...waiting.map((each) => ({ ...each, quantity: times(each, tokensPerFeature) }))],
      window,
    );
    return {
      required,
      counted: peaks.flatMap(({ peak }) =>
        peak.held.map(({ id, quantity, evidence }) => ({
          subjectId: id,
          licensableQuantity: quantity,
          evidence,
        })),
      ),
      excluded: beside(
        held,
        peaks.map(({ peak }) => peak),
      ),
      figures: {
        peak: required,
        demandPeak: demand.quantity,
        denials: String(waiting.length),
        ...(reachedAt === null ? {} : { peakAt: new Date(reachedAt).toISOString() }),
      },
      warnings: sessions.some(({ inferred }) => inferred) ? ['inferred_check_in'] : [],
      explanation: peaks.map(
        ({ server, peak }) =>
          `Concurrent use${server === null ? '' : ` of ${server}`}: at most ${peak.quantity} at the same time${peak.at === null ? '' : `, first at ${new Date(peak.at).toISOString()}`}, of ${peak.of} check-outs.`,
      ),
    };
  },
});

interface Weighed extends Held {
  readonly server: string | null;
}

function weighed(session: MetricSession, tokens: Readonly<Record<string, number>>): Weighed {
  const { sessionId: id, from, to, server, evidence } = session;
  return {
    id,
    from,
    to,
    server,
    evidence,
    quantity: scaleQuantity(session.quantity, tokens[session.feature] ?? 1),
  };
}

const times = (
  { feature, quantity }: { readonly feature: string; readonly quantity: string },
  tokens: Readonly<Record<string, number>>,
): string => scaleQuantity(quantity, tokens[feature] ?? 1);

/** Somebody who was denied waits until the feature is checked out to them, or until the window ends. */
function waits(denial: MetricDenial, sessions: readonly MetricSession[], end: number) {
  const { at, feature, userId, requested, evidence } = denial;
  const got = sessions
    .filter((each) => each.feature === feature && each.userId === userId && each.from >= at)
    .map(({ from }) => from);
  return {
    id: `denied:${at}:${userId ?? ''}`,
    feature,
    quantity: requested,
    from: at,
    to: Math.min(end, ...got),
    evidence,
  };
}

function beside(held: readonly Held[], peaks: readonly Peak[]) {
  const counted = new Set(peaks.flatMap((peak) => peak.held.map(({ id }) => id)));
  return held
    .filter(({ id }) => !counted.has(id))
    .map(({ id }) => ({ subjectId: id, reason: 'beside_the_peak' }));
}
