import type { WriterDefinition } from '../../src/sdk/define-connector.ts';
import { NotFoundError, ValidationError, type JsonObject } from '../../src/sdk/kernel.ts';
import type { WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import type { Call, NetSuiteClient } from './client.ts';
import { TIMEOUT_MS, type Config } from './config.ts';
import { runAsJob } from './job-writes.ts';
import { isObject, stringifyWithFigures } from './lossless-json.ts';
import { applied, changed, outcomeOf, refusalOf, retry } from './outcomes.ts';
import type { References } from './references.ts';

const writer = (object: string, title: string, cancel: string): WriterDefinition => ({
  object,
  title,
  cancel,
  externalIdField: 'externalId',
  intentField: 'custbody_trueup_intent',
  // One HTTP call a record; a batch is what one job waits for.
  batch: 20,
  oneByOne: true,
  money: true,
});

export const WRITERS: readonly WriterDefinition[] = [
  writer('salesOrder', 'Sales orders', 'closed, line by line'),
  writer('estimate', 'Estimates', 'closed as lost'),
  {
    object: 'customer',
    title: 'Licence position on the customer',
    // A customer is somebody else's record: it is found by its internal id, and has no key and no intent of ours.
    externalIdField: null,
    intentField: null,
    batch: 20,
    oneByOne: true,
    money: false,
  },
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

/** True if somebody changed the record after it was read. NetSuite has no conditional write: this is a look just before it. */
async function hasChanged(
  client: NetSuiteClient,
  object: string,
  { asRead, externalId }: WriteRequest,
): Promise<boolean> {
  if (!asRead?.changedAt) return false;
  const path = `/record/v1/${object}/${encodeURIComponent(asRead.vendorId)}?fields=lastModifiedDate`;
  const what = `look at ${object} ${externalId}`;
  const { body } = await client.call({ method: 'GET', path, what, read: true });
  return isObject(body) && body['lastModifiedDate'] !== asRead.changedAt;
}

/** How one session writes. */
interface Writing {
  readonly client: NetSuiteClient;
  readonly references: References;
  readonly asJob: Config['asJob'];
}

/**
 * Writes orders or estimates, one call each, several at a time, and says of each request what became of it. A call
 * whose outcome is not known (no answer, a 5xx) is `unknown`; nothing is ever sent twice. A try after the first one goes
 * as a job under the intent's id, because the first may be running still. Throws a ValidationError for an object that has
 * no writer and for more requests than a batch holds, before anything is sent.
 */
export async function writeRecords(
  { client, references, asJob }: Writing,
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
    const { externalId, attempt = 1 } = request;
    let call: Call;
    try {
      call = await prepare(client, references, object, request);
      if (await hasChanged(client, object, request)) return changed(request);
    } catch (error) {
      return refusalOf(error, externalId) ?? retry(error, externalId);
    }
    const isJob = asJob === 'always' || (asJob === 'after-first-try' && attempt > 1);
    try {
      const timed = { ...call, startBefore };
      const answer = isJob
        ? await runAsJob(client, timed, request.intentId)
        : await client.call(timed);
      return applied(request, answer);
    } catch (error) {
      return outcomeOf(error, externalId);
    }
  };
  return await Promise.all(requests.map(writeOne));
}
