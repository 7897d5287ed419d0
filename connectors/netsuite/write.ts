import type { WriterDefinition } from '../../src/sdk/define-connector.ts';
import {
  AuthExpired,
  Conflict,
  ForbiddenError,
  HubError,
  messageOf,
  NotFoundError,
  RateLimited,
  RemoteRejected,
  ValidationError,
  type JsonObject,
} from '../../src/sdk/kernel.ts';
import type { WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import type { Call, NetSuiteClient } from './client.ts';
import { TIMEOUT_MS } from './config.ts';
import { wasNeverSent, type Answer } from './errors.ts';
import { stringifyWithFigures } from './lossless-json.ts';
import type { References } from './references.ts';

const writer = (object: string, title: string): WriterDefinition => ({
  object,
  title,
  externalIdField: 'externalId',
  intentField: 'custbody_trueup_intent',
  // One HTTP call a record; a batch is what one job waits for.
  batch: 20,
  money: true,
});

export const WRITERS: readonly WriterDefinition[] = [
  writer('salesOrder', 'Sales orders'),
  writer('estimate', 'Estimates'),
];

/** The writer of an object. Throws NotFoundError for any other. */
export function writerOf(object: string): WriterDefinition {
  const found = WRITERS.find((known) => known.object === object);
  if (found !== undefined) return found;
  throw new NotFoundError(
    `NetSuite's ${object} is not written by Trueup. Use one of ${WRITERS.map((known) => known.object).join(', ')}.`,
  );
}

/** Members that the record service declares as numbers. */
const FIGURES = new Set(['quantity', 'rate', 'amount', 'line']);

function warningsOf(answer: Answer): readonly string[] {
  const header = answer.headers['x-netsuite-warning'];
  if (Array.isArray(header)) return header.map(String);
  return typeof header === 'string' && header !== '' ? [header] : [];
}

function vendorIdOf(answer: Answer): string | null {
  const { location } = answer.headers;
  return typeof location === 'string'
    ? (/\/(-?\d+)\/?(?:\?.*)?$/.exec(location)?.[1] ?? null)
    : null;
}

/** `PUT eid:` creates or updates by our key; a record that exists under the vendor's id only is patched. */
function pathOf(
  object: string,
  request: WriteRequest,
): { readonly method: 'PUT' | 'PATCH'; readonly path: string } {
  const query = request.fields['item'] === undefined ? '' : '?replace=item';
  const base = `/record/v1/${object}`;
  if (request.vendorId !== null)
    return { method: 'PATCH', path: `${base}/${encodeURIComponent(request.vendorId)}${query}` };
  if (!/^[\w.-]+$/.test(request.externalId))
    throw new ValidationError(`"${request.externalId}" cannot be an external id in a path.`);
  return { method: 'PUT', path: `${base}/eid:${request.externalId}${query}` };
}

async function prepare(
  client: NetSuiteClient,
  references: References,
  object: string,
  request: WriteRequest,
): Promise<Call> {
  const path = pathOf(object, request);
  const fields: JsonObject = {
    ...(await references.resolve(request.fields)),
    custbody_trueup_intent: request.intentId,
  };
  await client.login();
  return {
    ...path,
    body: stringifyWithFigures(fields, FIGURES),
    // An undeclared field is refused and named, never dropped.
    headers: {
      'x-netsuite-propertynamevalidation': 'Error',
      'x-netsuite-propertyvaluevalidation': 'Error',
    },
    what: `write ${object} ${request.externalId}`,
    read: false,
  };
}

function codeOf(error: HubError): string {
  const code = error.details['vendorCode'];
  return typeof code === 'string' && !(error instanceof AuthExpired) ? code : error.code;
}

function retry(error: unknown, externalId: string): WriteResult {
  const code = error instanceof HubError ? codeOf(error) : 'unexpected';
  return { kind: 'retry', externalId, code, message: messageOf(error) };
}

/** What NetSuite, or a look at the request itself, has against it; null where the failure says no such thing. */
function refusalOf(error: unknown, externalId: string): WriteResult | null {
  if (!(error instanceof RemoteRejected || error instanceof Conflict || error instanceof ValidationError)) return null; // prettier-ignore
  const field = error instanceof RemoteRejected ? (error.field ?? null) : null;
  return { kind: 'rejected', externalId, code: codeOf(error), message: error.message, field };
}

/**
 * What a failed write call says about its request. NetSuite applies nothing of a call that it answers with 401 or 429,
 * nor our own guard of one that it does not let out. After any other failure nobody knows.
 */
function outcomeOf(error: unknown, externalId: string): WriteResult {
  const refusal = refusalOf(error, externalId);
  if (refusal !== null) return refusal;
  const isUnapplied =
    error instanceof AuthExpired ||
    error instanceof RateLimited ||
    error instanceof ForbiddenError ||
    wasNeverSent(error);
  if (isUnapplied) return retry(error, externalId);
  const code = error instanceof HubError ? codeOf(error) : 'unexpected';
  return { kind: 'unknown', externalId, code, message: messageOf(error), mayArrive: true };
}

/**
 * Writes orders or estimates, one call each, several at a time, and says of each request what became of it. A call
 * whose outcome is not known (no answer, a 5xx) is `unknown`; nothing is ever sent twice. Throws a ValidationError for
 * an object that has no writer and for more requests than a batch holds, before anything is sent.
 */
export async function writeRecords(
  client: NetSuiteClient,
  references: References,
  object: string,
  requests: readonly WriteRequest[],
): Promise<readonly WriteResult[]> {
  const { batch } = writerOf(object);
  if (requests.length > batch)
    throw new ValidationError(
      `${requests.length} ${object} were given in one batch; NetSuite's writer takes ${batch}.`,
      { details: { nothingApplied: true } },
    );
  const startBefore = performance.now() + TIMEOUT_MS;
  const writeOne = async (request: WriteRequest): Promise<WriteResult> => {
    const { externalId } = request;
    let call: Call;
    try {
      call = await prepare(client, references, object, request);
    } catch (error) {
      return refusalOf(error, externalId) ?? retry(error, externalId);
    }
    try {
      const answer = await client.call({ ...call, startBefore });
      const vendorId = vendorIdOf(answer) ?? request.vendorId;
      return { kind: 'applied', externalId, vendorId, warnings: warningsOf(answer) };
    } catch (error) {
      return outcomeOf(error, externalId);
    }
  };
  return await Promise.all(requests.map(writeOne));
}
