interface Period {
  readonly validFrom?: string | undefined;
  readonly validTo?: string | undefined;
}

/** A line of an opportunity or order in words. */
export function lineText(
  body: Period & {
    readonly quantity: string;
    readonly skuCode: string;
    readonly unitPrice: string;
  },
): string {
  return `${body.quantity} × ${body.skuCode} at ${body.unitPrice}${periodText(body)}`;
}

/** A half-open period behind a figure; nothing when there is none. */
export function periodText(body: Period): string {
  return body.validFrom === undefined ? '' : `, [${body.validFrom}, ${body.validTo ?? '…'})`;
}
