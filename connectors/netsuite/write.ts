import type { WriterDefinition } from '../../src/sdk/define-connector.ts';
import {
  Conflict,
  HubError,
  NotFoundError,
  RateLimited,
  RemoteRejected,
  ValidationError,
  type JsonObject,
} from '../../src/sdk/kernel.ts';
import type { WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import type { NetSuiteClient } from './client.ts';
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

async function sendOne(
  client: NetSuiteClient,
  references: References,
  object: string,
  request: WriteRequest,
): Promise<WriteResult> {
  const fields: JsonObject = {
    ...(await references.resolve(request.fields)),
    custbody_trueup_intent: request.intentId,
  };
  const answer = await client.call({
    ...pathOf(object, request),
    body: stringifyWithFigures(fields, FIGURES),
    // An undeclared field is refused and named, never dropped.
    headers: {
      'x-netsuite-propertynamevalidation': 'Error',
      'x-netsuite-propertyvaluevalidation': 'Error',
    },
    what: `write ${object} ${request.externalId}`,
    read: false,
  });
  return {
    kind: 'applied',
    externalId: request.externalId,
    vendorId: vendorIdOf(answer) ?? request.vendorId,
    warnings: warningsOf(answer),
  };
}

function codeOf(error: HubError): string {
  const code = error.details['vendorCode'];
  return typeof code === 'string' ? code : error.code;
}

/**
 * What a failure says about one request: refused, or certainly not applied and to be tried again.
 * Null where it says neither; the caller then throws and the whole batch is unknown until it is read back.
 */
function resultOf(error: unknown, externalId: string): WriteResult | null {
  if (error instanceof RemoteRejected || error instanceof Conflict) {
    return {
      kind: 'rejected',
      externalId,
      code: codeOf(error),
      message: error.message,
      field: error instanceof RemoteRejected ? (error.field ?? null) : null,
    };
  }
  if (error instanceof RateLimited || (error instanceof HubError && wasNeverSent(error))) {
    return { kind: 'retry', externalId, code: codeOf(error), message: error.message };
  }
  return null;
}

/**
 * Writes orders or estimates, one call each, several at a time. A request whose outcome is not known (no answer,
 * a 5xx) makes the batch throw that error after all calls have ended; nothing is ever sent twice.
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
    );
  const settled = await Promise.allSettled(
    requests.map((request) => sendOne(client, references, object, request)),
  );
  let unknown: { readonly error: unknown } | null = null;
  const results = settled.flatMap((outcome, at): readonly WriteResult[] => {
    if (outcome.status === 'fulfilled') return [outcome.value];
    const result = resultOf(outcome.reason, requests[at]?.externalId ?? '');
    if (result !== null) return [result];
    unknown ??= { error: outcome.reason };
    return [];
  });
  if (unknown !== null) throw (unknown as { readonly error: unknown }).error;
  return results;
}
