import * as z from 'zod';
import type { ConnectorSession, WriterDefinition } from '../../src/sdk/define-connector.ts';
import { isObject, type JsonClient } from '../../src/sdk/json-client.ts';
import { RemoteRejected, type JsonObject } from '../../src/sdk/kernel.ts';
import { describeSeat, readSeatKey } from '../../src/sdk/seat-key.ts';
import type { SourceRecord } from '../../src/sdk/record.ts';
import type { ReadBackRecord, WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import { writeEach } from '../../src/sdk/write-outcome.ts';
import type { CopilotConfig } from './config.ts';
import { HEADERS, type Reader } from './reader.ts';

const Fields = z.strictObject({ assigned: z.boolean().optional() });
const KEYS = ['user', 'login'] as const;

/**
 * The seat of a user, by the number that never changes and the login that the API asks for. A seat that is taken away is
 * billed until the cycle ends, and listed with that date until then: it counts as taken.
 */
export const SEAT_WRITER: WriterDefinition = {
  object: 'userSeats',
  title: 'Copilot seats',
  externalIdField: null,
  intentField: null,
  batch: 50,
  money: true,
};

/** Gives and takes the seats of an organisation. Every method throws the remote errors of the client. */
export function seatWriter(
  client: JsonClient,
  reader: Pick<Reader, 'byIds'>,
  { organization }: CopilotConfig,
  timeoutMs: number,
): Pick<ConnectorSession, 'describe' | 'write' | 'readBack'> & {
  readonly objects: readonly string[];
} {
  return {
    objects: [SEAT_WRITER.object],
    describe: async (object) =>
      describeSeat(object, SEAT_WRITER.title, KEYS, Object.keys(Fields.shape)),
    write: (_object, requests) =>
      writeEach(requests, timeoutMs, (request) => change(client, reader, organization, request)),
    readBack: (_object, _externalIds, vendorIds = []) => held(reader, vendorIds),
  };
}

async function change(
  client: JsonClient,
  reader: Pick<Reader, 'byIds'>,
  organization: string | undefined,
  { vendorId, fields }: WriteRequest,
): Promise<Pick<Extract<WriteResult, { readonly kind: 'applied' }>, 'warnings'>> {
  const { assigned } = fieldsOf(fields);
  if (assigned === undefined) return { warnings: [] };
  if (organization === undefined)
    throw new RemoteRejected(
      'The seats of an enterprise are given by its organisations. Connect the organisation that gives this one.',
    );
  const { user, login } = readSeatKey(vendorId, KEYS);
  // Who holds a seat is listed with the login of today; who gets one is known by the one that was mapped.
  const listed = (await reader.byIds('seats', [user])).records.find(({ deleted }) => !deleted);
  const selected = { selected_usernames: [loginOf(listed) ?? login] };
  const path = `/orgs/${organization}/copilot/billing/selected_users`;
  await client.change(assigned ? 'POST' : 'DELETE', path, selected, HEADERS);
  return { warnings: assigned ? [] : ['GitHub bills the seat until its cycle ends.'] };
}

function fieldsOf(fields: JsonObject): z.infer<typeof Fields> {
  const parsed = Fields.safeParse(fields);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = String(issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path[0]);
  throw new RemoteRejected(`A Copilot seat has no ${field} that could be written so.`, { field });
}

function loginOf(seat: SourceRecord | undefined): string | null {
  const assignee = seat?.data['assignee'];
  const login = isObject(assignee) ? assignee['login'] : null;
  return typeof login === 'string' && login !== '' ? login : null;
}

async function held(
  reader: Pick<Reader, 'byIds'>,
  vendorIds: readonly string[],
): Promise<readonly ReadBackRecord[]> {
  const asked = vendorIds.filter((id) => new URLSearchParams(id).has('user'));
  if (asked.length === 0) return [];
  const userOf = (id: string): string => new URLSearchParams(id).get('user') ?? '';
  const { records } = await reader.byIds('seats', [...new Set(asked.map(userOf))]);
  const byUser = new Map(records.map((record) => [record.id, record]));
  return asked.map((vendorId) => {
    const seat = byUser.get(userOf(vendorId));
    const assigned = seat !== undefined && !seat.deleted && (seat.data['pending_cancellation_date'] ?? null) === null; // prettier-ignore
    return { externalId: vendorId, intentId: null, vendorId, fields: { assigned }, version: null };
  });
}
