/** The part of the kernel that plug-ins may use. Plug-ins import `src/sdk` and nothing else of ours. */
export {
  AuthExpired,
  ConfigError,
  Conflict,
  HubError,
  messageOf,
  NotFoundError,
  RateLimited,
  RemoteRejected,
  RemoteUnavailable,
  ValidationError,
} from '../kernel/errors.ts';
export type { Clock } from '../kernel/clock.ts';
export type { Logger } from '../kernel/logger.ts';
export { addDays, addMonths, daysBetween, endExclusive, endInclusive, isLocalDate } from '../kernel/dates.ts';
export type { LocalDate } from '../kernel/dates.ts';
export { canonicalJson, hashJson } from '../kernel/hash.ts';
export type { Json, JsonObject } from '../kernel/hash.ts';
export { lineAmount, money } from '../kernel/money.ts';
export type { Money } from '../kernel/money.ts';
export {
  addQuantity,
  compareQuantity,
  excess,
  minQuantity,
  quantity,
  subtractQuantity,
  sumQuantities,
} from '../kernel/quantity.ts';
export type { Quantity } from '../kernel/quantity.ts';
