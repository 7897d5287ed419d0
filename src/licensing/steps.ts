import type { PositionLine } from '../canonical/position-line.ts';
import type { PoolFigures } from './figures.ts';

/** The arithmetic of a line in words, one step each, in the order in which it is done. */
export function stepsOf(figures: PoolFigures, line: PositionLine): readonly string[] {
  const { pool, met, split, owned, grace, unlimited } = figures;
  const held = pool.entitlements.filter((each) => each.owned !== '0').map((each) => each.owned);
  const idle = pool.entitlements.filter((each) => each.owned === '0');
  return [
    figures.basis === 'publisher'
      ? `Rights owned: ${owned} by the publisher's own count; no contract is known.`
      : `Rights owned: ${held.length === 0 ? 'none in force' : held.join(' + ')} = ${owned}.`,
    ...(unlimited ? ['An unlimited entitlement is in force.'] : []),
    ...idle.map((each) => `Entitlement ${each.fact.externalRef} gives none: ${each.reason}.`),
    ...(grace === '0'
      ? []
      : [`Grace: ${grace} rights ended within the grace period and were not renewed.`]),
    ...met.explanation,
    ...exceptionSteps(figures),
    `Reserved: ${split.allocatedInUse} allocated and used + ${split.notAllocatedInUse} used without allocation + ${split.allocatedNotInUse} allocated and idle = ${split.rightsReserved}.`,
    ...sharedSteps(figures),
    line.rightsOwned === null
      ? 'Nobody knows what is owned, so neither surplus nor shortfall is stated.'
      : `Surplus ${split.surplus}, shortfall ${split.shortfall}${split.graceCovered === '0' ? '' : `, ${split.graceCovered} covered by grace`}.`,
    ...(line.status === 'true_up_due'
      ? [
          `The agreement squares use beyond the count: ${split.shortfall} are due at its next true-up.`,
        ]
      : []),
    ...(line.trueUpUnitPrice === null
      ? []
      : [
          `One right costs ${line.trueUpUnitPrice} ${line.currency} (average of the rights owned, weighted by quantity): true-up ${line.trueUpCost}, unused ${line.overLicensedAmount}.`,
        ]),
  ];
}

function sharedSteps({ allocation }: PoolFigures): readonly string[] {
  if (allocation === null) return [];
  const { coveredByOthers, lentToOthers, coveredBySecondaryUse } = allocation;
  return [
    ...(coveredByOthers === '0'
      ? []
      : [`Rights of other products or companies cover ${coveredByOthers}.`]),
    ...(lentToOthers === '0' ? [] : [`${lentToOthers} rights cover other products or companies.`]),
    ...(coveredBySecondaryUse === '0'
      ? []
      : [`${coveredBySecondaryUse} are second devices of users with a licensed one.`]),
  ];
}

function exceptionSteps({ exempted, expiries, met }: PoolFigures): readonly string[] {
  const { applied, gross } = exempted;
  if (applied.length === 0) return [];
  return [
    `Without exceptions ${gross} would be required.`,
    ...applied.map(
      ({ id, kind, validTo, subjects, quantity }) =>
        `Exception ${id} (${kind}) takes out ${subjects.length} subjects, ${quantity} rights; it ends before ${validTo}.`,
    ),
    `With them ${met.required} are required.`,
    ...expiries.map(
      ({ on, exceptions, required, shortfall }) =>
        `From ${on}, without ${exceptions.join(', ')}, with the rights and the use of today: ${required} required, ${shortfall} short.`,
    ),
  ];
}
