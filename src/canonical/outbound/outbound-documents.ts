import type * as z from 'zod';
import { OutboundAccountSummary } from './outbound-account-summary.ts';
import { OutboundAsset } from './outbound-asset.ts';
import { OutboundContract } from './outbound-contract.ts';
import { OutboundLogin } from './outbound-login.ts';
import { OutboundOrder } from './outbound-order.ts';
import { OutboundRenewal } from './outbound-renewal.ts';
import { OutboundSeat } from './outbound-seat.ts';

/** The documents that commerce and seat actions hand to outbound mappings, by the name that a mapping's `source.object` uses. */
export const OUTBOUND_DOCUMENTS = {
  outboundAccountSummary: OutboundAccountSummary,
  outboundAsset: OutboundAsset,
  outboundContract: OutboundContract,
  outboundLogin: OutboundLogin,
  outboundOrder: OutboundOrder,
  outboundRenewal: OutboundRenewal,
  outboundSeat: OutboundSeat,
} as const;

export type OutboundDocumentName = keyof typeof OUTBOUND_DOCUMENTS;
export type OutboundDocument<Name extends OutboundDocumentName> = z.infer<
  (typeof OUTBOUND_DOCUMENTS)[Name]
>;

/** True if the text names a document that outbound mappings may read. */
export function isOutboundDocumentName(text: string): text is OutboundDocumentName {
  return Object.hasOwn(OUTBOUND_DOCUMENTS, text);
}
