import * as z from 'zod';

const Share = z.number().min(0).max(100);
const Days = z.number().int().min(1).max(1_000);

/** From when on something is a finding. A company may set every figure; a run keeps the ones that it used. */
export const DetectionPolicy = z.strictObject({
  /** Days without a sign of use after which a seat is dormant. No sign at all is not inactivity. */
  dormantAfterDays: Days.default(60),
  /** A change of seats within `baselineDays` that is told: percent of the rights owned, or seats. */
  seatDriftPercent: Share.default(5),
  seatDriftSeats: z.number().int().min(1).default(10),
  baselineDays: Days.default(28),
  /** The modified z-score (Iglewicz and Hoaglin) beyond which a day of use is a spike. */
  spikeScore: z.number().positive().default(3.5),
  /** A cumulated rise of use is told beyond this many standard deviations, each day less `drift` of one. */
  riseDeviations: z.number().positive().default(5),
  riseAllowance: z.number().min(0).default(0.5),
  /** Rights that run out within this many days at the present rise. */
  exhaustionDays: Days.default(60),
  /** Rights used, in percent of rights owned. */
  softLimitPercent: Share.default(90),
  hardLimitPercent: Share.default(100),
  /** Denials for want of licences, in percent of what was asked; asked again within the seconds it is one denial. */
  denialPercent: Share.default(1),
  denialRetrySeconds: z.number().int().min(0).max(86_400).default(60),
  /** A source is silent after this many of its own intervals. */
  silentIntervals: z.number().positive().default(2),
  /** Days between the day from which a change holds and the day on which it became known. */
  lateAmendmentDays: Days.default(30),
  /** Days before the end of an exception from which its owner is reminded. */
  exceptionExpiryDays: Days.default(14),
  /** How near to the next tier of a price a quantity is, in percent. */
  tierProximityPercent: Share.default(5),
  /** Purchases of one part number within a year that are worth one agreement. */
  scatteredPurchases: z.number().int().min(2).default(3),
});
export type DetectionPolicy = z.infer<typeof DetectionPolicy>;

/** What holds where a company has decided nothing. */
export const DEFAULT_DETECTION: DetectionPolicy = DetectionPolicy.parse({});
