import type { ConnectionCheck, ConnectorLimits } from '../../src/sdk/define-connector.ts';
import { isPassing } from '../../src/sdk/is-passing.ts';
import { messageOf } from '../../src/sdk/kernel.ts';
import type { NetSuiteClient } from './client.ts';
import { describeObject } from './describe.ts';
import { PACKAGE_FIELDS } from './package-fields.ts';
import { STREAM_PLANS } from './streams.ts';
import { queryValue, quoted, sourceNow, STAMP_FORMAT } from './suiteql.ts';
import { WRITERS } from './write.ts';

const INSTALL =
  'Deploy connectors/netsuite/package with SuiteCloud (suitecloud project:deploy), or create the field by hand with this script id.';

const passed = (name: string, detail: string): ConnectionCheck => ({
  name,
  ok: true,
  detail,
  fix: null,
});
const failed = (name: string, detail: string, fix: string): ConnectionCheck => ({
  name,
  ok: false,
  detail,
  fix,
});

async function attempt(
  name: string,
  fix: string,
  run: () => Promise<string>,
): Promise<ConnectionCheck> {
  try {
    return passed(name, await run());
  } catch (error) {
    if (isPassing(error)) throw error;
    return failed(name, messageOf(error), fix);
  }
}

/**
 * Stamps and SYSDATE must tell the same wall clock, or windows would end in the wrong hour. A stamp later than
 * the database's own time shows that they do not.
 */
async function checkClock(client: NetSuiteClient, now: string): Promise<ConnectionCheck> {
  const name = 'clock';
  try {
    const newest = await queryValue(
      client,
      `SELECT TO_CHAR(MAX(t.lastmodifieddate), ${quoted(STAMP_FORMAT)}) AS newest FROM customer t`,
      'compare clocks',
    );
    if (newest === null || newest <= now) return passed(name, `NetSuite's clock shows ${now}.`);
    return failed(
      name,
      `The newest change stamp is ${newest}, but NetSuite's clock shows ${now}.`,
      "Set the integration user's time zone (Home > Set Preferences) to the account's.",
    );
  } catch (error) {
    if (isPassing(error)) throw error;
    return failed(name, messageOf(error), 'Give the role the permission to view customers.');
  }
}

async function checkWriter(
  client: NetSuiteClient,
  object: string,
): Promise<readonly ConnectionCheck[]> {
  const access = await attempt(
    `write ${object}`,
    `Give the integration's role the permission Transactions > ${object === 'salesOrder' ? 'Sales Order' : 'Estimate'} at level Full, and Setup > REST Web Services.`,
    async () => {
      await client.call({
        method: 'GET',
        path: `/record/v1/${object}?limit=1`,
        what: `open ${object}`,
        read: true,
      });
      return 'The record service opens it.';
    },
  );
  if (!access.ok) return [access];
  const fields = PACKAGE_FIELDS.filter(({ records }) =>
    records.some((record) => record === object),
  );
  try {
    const described = new Set(
      (await describeObject(client, object)).fields.map(({ name }) => name),
    );
    const missing = fields.map((field): ConnectionCheck => {
      const full = field.level === 'body' ? field.name : `item.items.${field.name}`;
      const name = `write ${object}.${field.name}`;
      return described.has(full)
        ? passed(name, 'The field is there.')
        : failed(
            name,
            `The ${field.level === 'body' ? 'transaction body' : 'line'} field ${field.name} is not declared on ${object}.`,
            INSTALL,
          );
    });
    return [access, ...missing];
  } catch (error) {
    if (isPassing(error)) throw error;
    return [
      access,
      failed(
        `describe ${object}`,
        messageOf(error),
        'Give the role the permission Setup > Custom Body Fields and Records Catalog.',
      ),
    ];
  }
}

/**
 * Tries login, clock, each stream, each written object and each package field. Throws RemoteUnavailable and
 * RateLimited; every other remote failure is a failed line.
 */
export async function checkConnection(
  client: NetSuiteClient,
  limits: ConnectorLimits,
): Promise<readonly ConnectionCheck[]> {
  let now: string;
  try {
    now = await sourceNow(client);
  } catch (error) {
    if (isPassing(error)) throw error;
    return [
      failed(
        'login',
        messageOf(error),
        'Correct the credentials of the connection, then check again. Nothing else was tried.',
      ),
    ];
  }
  const checks: ConnectionCheck[] = [
    passed('login', 'NetSuite accepts the credentials.'),
    await checkClock(client, now),
  ];
  for (const plan of STREAM_PLANS) {
    const { name } = plan.definition;
    const filter = plan.filter === null ? '' : ` WHERE ${plan.filter}`;
    checks.push(
      await attempt(
        `read ${name}`,
        `Give the integration's role the permission to view ${plan.definition.title.toLowerCase()}, and SuiteAnalytics Workbook.`,
        async () => {
          const count = await queryValue(
            client,
            `SELECT COUNT(*) AS total FROM ${plan.table} t${filter}`,
            `count ${name}`,
          );
          return `${count ?? '0'} records.`;
        },
      ),
    );
  }
  for (const { object } of WRITERS) checks.push(...(await checkWriter(client, object)));
  checks.push(
    passed(
      'limits',
      `At most ${limits.concurrency} calls at once; the account's own limit is shown under Setup > Integration > Integration Governance.`,
    ),
  );
  return checks;
}
