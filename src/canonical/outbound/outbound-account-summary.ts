import * as z from 'zod';
import { Amount, CalendarDate, CurrencyCode, ExternalRef, QuantityText } from '../fields.ts';

/** What an account manager should look at, the strongest sign first. */
const ExpansionSignal = z.enum(['over_rights', 'near_limit', 'growing', 'none']);
export type ExpansionSignal = z.infer<typeof ExpansionSignal>;

/** What the CRM shows of a customer's licence position, on the account itself. */
export const OutboundAccountSummary = z.strictObject({
  /** The CRM's id of the account; the account exists already and is updated by it. */
  accountRef: ExternalRef,
  rightsOwned: QuantityText,
  rightsInUse: QuantityText,
  shortfall: QuantityText,
  /** The position in a word, such as `compliant` or `shortfall`. */
  status: z.string().min(1),
  asOf: CalendarDate,
  nextRenewal: CalendarDate.optional(),
  /** The last day on which notice of that renewal is in time. */
  noticeDate: CalendarDate.optional(),
  /** Rights in use by rights owned, per cent with two places; absent where nothing is owned. */
  utilisation: z
    .string()
    .regex(/^\d+\.\d{2}$/)
    .optional(),
  /** What the shortfall costs; absent where there is none, no price, or several currencies. */
  trueUpAmount: Amount.optional(),
  trueUpCurrency: CurrencyCode.optional(),
  /** Rights in use more, or less, than a quarter before; absent where nobody looked then. */
  useChange: QuantityText.optional(),
  expansionSignal: ExpansionSignal,
  openFindings: z.number().int().nonnegative(),
});
export type OutboundAccountSummary = z.infer<typeof OutboundAccountSummary>;
