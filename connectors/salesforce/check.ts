import type { ConnectionCheck } from '../../src/sdk/define-connector.ts';
import { isPassing } from '../../src/sdk/is-passing.ts';
import { messageOf } from '../../src/sdk/kernel.ts';
import { probeChanges } from './change-events.ts';
import type { SalesforceClient } from './client.ts';
import { describeRaw } from './describe.ts';
import { packageFieldsOf, type PackageField } from './package-fields.ts';
import { JobId, Limits, type DescribedField, type DescribedObject } from './schema.ts';
import type { SalesforceConfig } from './settings.ts';
import { fieldsOf, isOptional, streamsOf } from './streams.ts';
import { checkStatus } from './status.ts';
import { WRITERS } from './writers.ts';

const INSTALL =
  'Deploy connectors/salesforce/package (`sf project deploy start --source-dir connectors/salesforce/package`) and assign the permission set Trueup to the integration user.';
const GRANT =
  'Give the integration user this right in a permission set, or assign the permission set Trueup.';
/** Below this share of the day's calls, work for people would wait for the next day. */
const RESERVE = 0.1;

const good = (name: string, detail: string): ConnectionCheck => ({
  name,
  ok: true,
  detail,
  fix: null,
});
const bad = (name: string, detail: string, fix: string): ConnectionCheck => ({
  name,
  ok: false,
  detail,
  fix,
});

const isWritten = (object: string): boolean =>
  object === 'OpportunityLineItem' || WRITERS.some((writer) => writer.object === object);

function checkRead(object: DescribedObject): ConnectionCheck {
  const there = new Set(object.fields.map((field) => field.name));
  const missing = fieldsOf(object.name).filter(
    (name) => !name.includes('.') && !there.has(name) && !isOptional(object.name, name),
  );
  const name = `read ${object.name}`;
  if (missing.length === 0) return good(name, `${object.fields.length} fields are visible.`);
  return bad(name, `Not visible: ${missing.join(', ')}.`, GRANT);
}

const DESCRIBED_TYPE = { Text: 'string', Number: 'double', Date: 'date' } as const;

function problemOf(declared: PackageField, field: DescribedField | undefined): string | null {
  if (field === undefined) return 'The field does not exist or is not visible.';
  if (field.type !== DESCRIBED_TYPE[declared.type])
    return `The field is of type ${field.type}, not ${declared.type}.`;
  if (declared.externalId && !field.externalId) return 'The field is not an external id.';
  const isWritable = field.createable && field.updateable;
  return isWritten(declared.object) && !isWritable ? 'The field may not be written.' : null;
}

function checkPackage(object: DescribedObject): readonly ConnectionCheck[] {
  return packageFieldsOf(object.name).map((declared) => {
    const name = `${isWritten(object.name) ? 'write' : 'read'} ${object.name}.${declared.name}`;
    const problem = problemOf(
      declared,
      object.fields.find((field) => field.name === declared.name),
    );
    return problem === null ? good(name, declared.description) : bad(name, problem, INSTALL);
  });
}

async function checkObject(
  client: SalesforceClient,
  object: string,
): Promise<readonly ConnectionCheck[]> {
  try {
    const described = await describeRaw(client, object);
    return [checkRead(described), ...checkPackage(described), ...checkStatus(described)];
  } catch (error) {
    if (isPassing(error)) throw error;
    return [bad(`read ${object}`, messageOf(error), GRANT)];
  }
}

async function checkLimits(client: SalesforceClient): Promise<ConnectionCheck> {
  try {
    const { DailyApiRequests } = await client.call(Limits, {
      what: 'asking for the limits',
      method: 'GET',
      path: '/limits',
    });
    const detail = `${DailyApiRequests.Remaining} of ${DailyApiRequests.Max} calls are left today.`;
    if (DailyApiRequests.Remaining >= DailyApiRequests.Max * RESERVE) return good('limits', detail);
    return bad('limits', detail, 'Pull less often, or ask Salesforce for more API calls.');
  } catch (error) {
    if (isPassing(error)) throw error;
    return bad('limits', messageOf(error), GRANT);
  }
}

/** Makes a query job and aborts it at once: to see that large reads will be served. */
async function checkBulk(client: SalesforceClient): Promise<ConnectionCheck> {
  const what = 'trying a bulk query';
  const path = '/jobs/query';
  const body = { operation: 'queryAll', query: 'SELECT Id FROM Account LIMIT 1' };
  try {
    const { id } = await client.call(JobId, { what, method: 'POST', path, body });
    const end = { what: 'ending the trial of a bulk query', path: `${path}/${id}` };
    // A job that has already ended cannot be aborted; the vendor forgets it by itself.
    await client
      .call(JobId, { ...end, method: 'PATCH', body: { state: 'Aborted' } })
      .catch(() => undefined);
    return good('bulk', 'Query jobs may be made.');
  } catch (error) {
    if (isPassing(error)) throw error;
    return bad(
      'bulk',
      messageOf(error),
      'Give the integration user the right API Enabled, and look whether its jobs of 24 hours are used up. Until then, set bulkFrom so high that REST reads everything.',
    );
  }
}

const PUBLISH =
  'Choose the objects in Salesforce under Setup, Change Data Capture, and let the integration user read them (Read, with View All Data or View All Records); or set changeEvents=false.';

async function checkChanges(
  client: SalesforceClient,
  streams: readonly string[],
): Promise<ConnectionCheck> {
  const name = 'change events';
  try {
    const { heard, refused } = await probeChanges(client, streams);
    const [first] = refused;
    if (heard.length === 0)
      return bad(name, `No stream's changes are published to us (${first?.said ?? ''}).`, PUBLISH);
    const rest = refused.map(({ stream }) => stream).join(', ');
    const aside = first === undefined ? '' : ` Read on schedule alone: ${rest} (${first.said}).`;
    return good(name, `Changes are heard of ${heard.join(', ')}.${aside}`);
  } catch (error) {
    if (isPassing(error)) throw error;
    return bad(name, messageOf(error), PUBLISH);
  }
}

/**
 * Tries what the connection needs: the login, every stream that it reads, every field of the package with its type and
 * rights, the call limit, a bulk query and, if the connection listens to them, change events. A failed login is the only
 * line then. Throws RemoteUnavailable and RateLimited alone.
 */
export async function checkConnection(
  client: SalesforceClient,
  config: SalesforceConfig,
): Promise<readonly ConnectionCheck[]> {
  try {
    await client.login();
  } catch (error) {
    if (isPassing(error)) throw error;
    return [
      bad(
        'login',
        messageOf(error),
        'Check loginUrl, clientId, username and the key, and that the connected app is approved for the integration user.',
      ),
    ];
  }
  const checks: ConnectionCheck[] = [good('login', `Signed in at ${client.origin}.`)];
  const streams = streamsOf(config);
  for (const object of [...streams, 'PricebookEntry']) {
    checks.push(...(await checkObject(client, object)));
  }
  checks.push(await checkLimits(client), await checkBulk(client));
  if (config.changeEvents) checks.push(await checkChanges(client, streams));
  return checks;
}
