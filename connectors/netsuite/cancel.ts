import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import type { CancellationOffer, ReadBackRecord } from '../../src/sdk/write.ts';
import type { NetSuiteClient } from './client.ts';
import { member } from './lossless-json.ts';
import { readBackRecords } from './read-back.ts';
import { linesOf, type References } from './references.ts';

interface Change {
  readonly fields: JsonObject;
  readonly present: JsonObject;
}

const textAt = (value: Json | undefined, name: string): string => {
  const text = member(value, name);
  return typeof text === 'string' ? text : '';
};

/** Closed, cancelled or billed: nothing of such an order is left to close. */
const ORDER_OVER = new Set(['C', 'G', 'H']);

/**
 * An order is cancelled by closing its lines, each known by its number; an order whose every line is closed is Closed.
 * What is billed is money that a customer owes: it takes a credit memo, by a person.
 */
function closeOrder({ fields }: ReadBackRecord): Change | string {
  const status = fields['status'];
  if (ORDER_OVER.has(textAt(status, 'id')))
    return `It is ${textAt(status, 'refName') || 'over'} already.`;
  const lines = linesOf(fields);
  const billed = lines.filter(
    ({ quantityBilled: billed }) => typeof billed === 'string' && !/^-?0*(\.0*)?$/.test(billed),
  );
  if (billed.length > 0)
    return `${billed.length} of its ${lines.length} lines are billed. Credit the invoice in NetSuite first.`;
  const numbered = (isClosed: (line: JsonObject) => Json): JsonObject => ({
    item: {
      items: lines.map((line) => ({ line: line['line'] ?? null, isClosed: isClosed(line) })),
    },
  });
  return {
    fields: numbered(() => true),
    present: numbered((line) => line['isClosed'] ?? false),
  };
}

/** The sales status that NetSuite has from the start for what was lost; it closes an estimate. */
const CLOSED_LOST = '14';
const ESTIMATE_OVER = new Set(['B', 'C', 'V']);

function closeEstimate({ fields }: ReadBackRecord): Change | string {
  const status = fields['status'];
  if (ESTIMATE_OVER.has(textAt(status, 'id')))
    return `It is ${textAt(status, 'refName') || 'over'} already.`;
  const held = textAt(fields['entityStatus'], 'id');
  return {
    fields: { entityStatus: { id: CLOSED_LOST } },
    present: { entityStatus: held === '' ? null : { id: held } },
  };
}

/** How each of these orders or estimates is cancelled in NetSuite's own way, as it stands now. Throws NotFoundError. */
export async function cancellationsOf(
  client: NetSuiteClient,
  references: References,
  object: string,
  externalIds: readonly string[],
): Promise<readonly CancellationOffer[]> {
  const held = await readBackRecords(client, references, object, externalIds);
  return held.map((record) => {
    const { externalId, vendorId, fields } = record;
    const number = fields['tranId'];
    const label = typeof number === 'string' && number !== '' ? number : vendorId;
    const change = object === 'salesOrder' ? closeOrder(record) : closeEstimate(record);
    if (typeof change === 'string') return { externalId, vendorId, label, refused: change };
    return { externalId, vendorId, label, ...change };
  });
}
