/** Every stream, in the order in which streams are read: what others refer to comes first. */
export const STREAM_NAMES = [
  'subsidiary',
  'department',
  'accountingperiod',
  'currencyrate',
  'customer',
  'vendor',
  'item',
  'salesOrder',
  'invoice',
  'creditmemo',
  'purchaseOrder',
  'vendorBill',
  'budget',
  'systemnote',
] as const;
export type StreamName = (typeof STREAM_NAMES)[number];

/** Not every account has budgets in SuiteQL: they are read where a connection asks for them. */
const ON_REQUEST: ReadonlySet<StreamName> = new Set(['budget']);

/** The streams that a connection reads. */
export function chosenStreams(chosen: readonly StreamName[] | undefined): readonly StreamName[] {
  return chosen ?? STREAM_NAMES.filter((name) => !ON_REQUEST.has(name));
}
