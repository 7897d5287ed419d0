import { contains, daysBetween } from '../../kernel/dates.ts';
import type { Fact } from '../../ledger/fact.ts';
import type { DriftWorld } from '../drift-world.ts';
import type { ExpiryForecast } from '../figures.ts';
import { bySource } from '../sort.ts';
import type { Detector } from './detector.ts';
import { worthOf, type PoolLine } from './pool-finding.ts';

/** A pool that an exception holds up, with what is to be expected of it. */
interface HeldUp extends PoolLine {
  readonly expiry: ExpiryForecast;
}

function heldUpBy(id: string, { pools, lines }: DriftWorld): readonly HeldUp[] {
  return pools.flatMap((pool) => {
    const position = lines.get(pool.id);
    const expiry = position?.inputs.expiries?.find(({ exceptions }) => exceptions.includes(id));
    return position === undefined || expiry === undefined ? [] : [{ pool, position, expiry }];
  });
}

function forecastOf({ pool, position, expiry }: HeldUp): string {
  const { required } = expiry;
  return position.line.status === 'indeterminate'
    ? `${required} rights of ${pool.skuCode} are required from then on.`
    : `From then on ${required} rights of ${pool.skuCode} are required and ${expiry.shortfall} are short.`;
}

function summaryOf(fact: Fact<'exception'>, days: number, held: readonly HeldUp[]): string {
  const { kind, validTo } = fact.body;
  const effect = held.length === 0 ? 'It takes nothing out of any count.' : held.map(forecastOf).join(' '); // prettier-ignore
  return `Exception ${fact.externalRef} (${kind}) ends before ${validTo}: ${days} days are left. ${effect} Buy, take back what it covers, or ask for another one.`;
}

/** An exception whose end is near (domain e): whoever asked for it is reminded, with what is short from then on. */
export const expiringException: Detector = {
  kind: 'expiring_exception',
  version: 1,
  severity: 'high',
  detect(world) {
    const { snapshot, catalogue } = world;
    const { asOf, detection } = snapshot;
    return snapshot.exceptions
      .filter(
        ({ body }) =>
          body.status === 'approved' && contains({ from: body.validFrom, to: body.validTo }, asOf),
      )
      .toSorted(bySource)
      .flatMap((fact) => {
        const days = daysBetween(asOf, fact.body.validTo);
        if (days > detection.exceptionExpiryDays) return [];
        const held = heldUpBy(fact.externalRef, world);
        const [only, ...others] = held;
        const { skuCode, requesterRef } = fact.body;
        return [
          {
            subject: { type: 'Exception', id: fact.externalRef },
            connection: fact.connection,
            sku: skuCode === undefined ? null : catalogue.resolve(fact.connection, skuCode),
            money:
              only === undefined || others.length > 0 ? null : worthOf(only, only.expiry.shortfall),
            evidence: [fact.factId],
            ...(requesterRef === undefined ? {} : { owner: requesterRef }),
            summary: summaryOf(fact, days, held),
          },
        ];
      });
  },
};
