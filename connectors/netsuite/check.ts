import type { ConnectionCheck } from '../../src/sdk/define-connector.ts';
import { isPassing } from '../../src/sdk/is-passing.ts';
import { messageOf } from '../../src/sdk/kernel.ts';
import type { NetSuiteClient } from './client.ts';
import { readClock, type SourceClock } from './clock.ts';
import type { Config } from './config.ts';
import { describeObject } from './describe.ts';
import { PACKAGE_FIELDS } from './package-fields.ts';
import { fitsZone } from './stamps.ts';
import { checkStatus } from './status.ts';
import { STREAM_PLANS } from './streams.ts';
import { chosenStreams } from './stream-names.ts';
import type { StreamPlan } from './stream-plan.ts';
import { countRows, queryValue, quoted, STAMP_FORMAT } from './suiteql.ts';
import { canReadDeletions } from './tombstones.ts';
import { WRITERS } from './write.ts';

const INSTALL =
  'Deploy connectors/netsuite/package with SuiteCloud (suitecloud project:deploy), or create the field by hand with this script id.';

/** What a role needs to write an object. */
const PERMISSIONS: Readonly<Record<string, string>> = {
  salesOrder: 'Transactions > Sales Order at level Full',
  estimate: 'Transactions > Estimate at level Full',
  customer: 'Lists > Customers at level Edit',
};
const PLACES = { body: 'transaction body', column: 'line', entity: 'entity' } as const;

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

const hours = (minutes: number): string => {
  const text = `${Math.floor(Math.abs(minutes) / 60)}:${String(Math.abs(minutes) % 60).padStart(2, '0')}`;
  return `${minutes < 0 ? '-' : '+'}${text}`;
};

/** The configured zone must lie where the account's clock was measured to lie. */
function checkZone({ now, ahead }: SourceClock, timeZone: string | undefined): ConnectionCheck {
  const name = 'time zone';
  if (ahead === null)
    return passed(name, 'The zone of the account could not be measured; reads reach back further.');
  const measured = `The account shows its time at UTC${hours(ahead)}`;
  if (timeZone === undefined || fitsZone(now, ahead, timeZone)) return passed(name, `${measured}.`);
  return failed(
    name,
    `${measured}, which is not the time of ${timeZone} now. Reads reach back further meanwhile.`,
    'Set timeZone to the zone of the account (Setup > Company > Company Information), or leave it out.',
  );
}

async function checkDeletions(client: NetSuiteClient): Promise<ConnectionCheck> {
  const name = 'read deletedrecord';
  if (await canReadDeletions(client)) return passed(name, 'Deletions are read with every window.');
  return failed(
    name,
    'The role does not see deleted records: what is deleted shows only at the next full read.',
    "Give the integration's role the permission Setup > Deleted Records.",
  );
}

function checkStream(client: NetSuiteClient, plan: StreamPlan): Promise<ConnectionCheck> {
  const { name } = plan.definition;
  const filter = plan.filter === null ? '' : ` WHERE ${plan.filter}`;
  return attempt(
    `read ${name}`,
    `Give the integration's role the permission ${plan.permission} (View) and SuiteAnalytics Workbook, or leave ${name} out of the connection's streams.`,
    async () => `${await countRows(client, `${plan.table} t${filter}`, `count ${name}`)} records.`,
  );
}

async function checkWriter(
  client: NetSuiteClient,
  object: string,
): Promise<readonly ConnectionCheck[]> {
  const access = await attempt(
    `write ${object}`,
    `Give the integration's role the permission ${PERMISSIONS[object] ?? object}, and Setup > REST Web Services.`,
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
      const full = field.level === 'column' ? `item.items.${field.name}` : field.name;
      const name = `write ${object}.${field.name}`;
      return described.has(full)
        ? passed(name, 'The field is there.')
        : failed(
            name,
            `The ${PLACES[field.level]} field ${field.name} is not declared on ${object}.`,
            INSTALL,
          );
    });
    return [access, ...missing, ...checkStatus(object, described)];
  } catch (error) {
    if (isPassing(error)) throw error;
    return [
      access,
      failed(
        `describe ${object}`,
        messageOf(error),
        'Give the role the permission Setup > Custom Body Fields, Custom Entity Fields and Records Catalog.',
      ),
    ];
  }
}

/**
 * Tries login, clock, zone, each stream that is read, deletions, each written object and each package field. Throws RemoteUnavailable
 * and RateLimited; every other remote failure is a failed line.
 */
export async function checkConnection(
  client: NetSuiteClient,
  config: Config,
): Promise<readonly ConnectionCheck[]> {
  let clock: SourceClock;
  try {
    clock = await readClock(client);
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
    await checkClock(client, clock.now),
    checkZone(clock, config.timeZone),
  ];
  const chosen = new Set(chosenStreams(config.streams));
  for (const plan of STREAM_PLANS)
    checks.push(
      chosen.has(plan.definition.name)
        ? await checkStream(client, plan)
        : passed(`read ${plan.definition.name}`, "It is left out of the connection's streams."),
    );
  checks.push(await checkDeletions(client));
  for (const { object } of WRITERS) checks.push(...(await checkWriter(client, object)));
  const limits = `At most ${config.concurrency} calls at once; the account's own limit is shown under Setup > Integration > Integration Governance.`;
  return [...checks, passed('limits', limits)];
}
