/** The part of the kernel that plug-ins may use. Plug-ins import `src/sdk` and nothing else of ours. */
export {
  AuthExpired,
  Conflict,
  ForbiddenError,
  HubError,
  messageOf,
  NotFoundError,
  RateLimited,
  RemoteRejected,
  RemoteUnavailable,
  ValidationError,
} from '../kernel/errors.ts';
export type { HubErrorOptions } from '../kernel/errors.ts';
export type { Clock } from '../kernel/clock.ts';
export type { Logger } from '../kernel/logger.ts';
export { addDays, addMonths, endExclusive, endInclusive, isLocalDate } from '../kernel/dates.ts';
export { hashJson } from '../kernel/hash.ts';
export type { Json, JsonObject } from '../kernel/hash.ts';
export { lineAmount, money } from '../kernel/money.ts';
export {
  addQuantity,
  compareQuantity,
  minQuantity,
  scaleQuantity,
  subtractQuantity,
  sumQuantities,
} from '../kernel/quantity.ts';
export {
  add,
  ceil,
  compare,
  divide,
  multiply,
  parseDecimal,
  rational,
  subtract,
  toPlain,
  type Rational,
} from '../kernel/rational.ts';
