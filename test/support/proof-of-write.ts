import { compareReadBack, type ReadBackVerdict } from '../../src/delivery/compare-read-back.ts';
import { compareState } from '../../src/delivery/compare-state.ts';
import type { ConnectorSession, WriterDefinition } from '../../src/sdk/define-connector.ts';
import type { WriteRequest } from '../../src/sdk/write.ts';

/** What reading back says of a write that was confirmed, by our ids or, where the vendor keeps none, by the values. */
export async function proofOfWrite(
  session: ConnectorSession,
  { object, intentField }: Pick<WriterDefinition, 'object' | 'intentField'>,
  { externalId, intentId, vendorId, fields }: WriteRequest,
): Promise<{ readonly verdict: ReadBackVerdict; readonly others: number }> {
  if (intentField === null) {
    const [held, ...others] = await session.readBack(
      object,
      [],
      vendorId === null ? [] : [vendorId],
    );
    const sent = { payload: fields, state: 'APPLIED' };
    const verdict = compareState(sent, held, { held: null, overtaken: false });
    return { verdict, others: others.length };
  }
  const [held, ...others] = await session.readBack(object, [externalId]);
  const sent = { id: intentId, revision: 2, payload: fields };
  return { verdict: compareReadBack(sent, held, new Map()), others: others.length };
}
