import * as z from 'zod';
import type { Store, TenantTx } from '../../src/db/store.ts';
import { StoreUnavailable } from '../../src/kernel/errors.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { isRunning, makeCliHome, waitFor, type CliHome } from '../support/cli.ts';
import { textOf } from '../support/company-twins.ts';
import { testStore, type TestStore } from '../support/database.ts';
import { addArguments, startTwin, type TwinProcess } from '../support/twin-process.ts';
import { NAMES, WATCHED, type WatchedStream } from './watched-stream.ts';

/** The company of the home: its only one that was added through the program. */
const TENANT = 'default';
/** The connection that every case reads by. */
export const CONNECTION = 'source';

/** What the invariants look at: one connection of one company, and the vendor behind it. */
export interface Subject {
  readonly store: Store;
  readonly tenantId: string;
  readonly connection: string;
  readonly watched: readonly WatchedStream[];
  readonly twin: Pick<TwinProcess, 'records' | 'oracle'>;
  /** What is wrong with the chain of the audit; null: it verifies. */
  verifyAudit(): Promise<string | null>;
  /** Texts that must be found nowhere but where secrets are sealed. */
  readonly canaries: readonly string[];
  /** Files that must hold none of them: the log and all else. */
  readonly folder: string | null;
  /** What was answered to people: it must hold none of them either. */
  readonly said: readonly string[];
}

export interface ProgramOptions {
  readonly system: keyof typeof WATCHED;
  /** Vendor streams that are read, the first of them the one that most cases change. */
  readonly streams: readonly string[];
  readonly seed?: number;
  readonly config?: JsonObject;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** What the API answered. */
export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** The program as its user runs it, in processes of its own, over a real twin; and its store, to be looked into. */
export interface Program extends Subject {
  readonly home: CliHome;
  readonly twin: TwinProcess;
  readonly db: TestStore;
  /** Ids that the twin has now, to be changed by a case. */
  ids(object: string, most: number): Promise<readonly string[]>;
  /** Changes the name of some records, as people do between two reads. */
  change(object: string, ids: readonly string[]): Promise<void>;
  /** Sends a request to the API's process. What it answers is kept for the invariants. */
  send(method: string, path: string, options?: SendOptions): Promise<Reply>;
  /** Asks for a read of some streams, all that are watched when none is named; gives its run. */
  start(streams?: readonly string[], full?: boolean): Promise<string>;
  /** Reads what is watched: `succeeded`, or how else that stands and why. */
  read(full?: boolean): Promise<string>;
  /** How a run stands once it no longer goes on by itself. */
  settled(runId: string, seconds?: number): Promise<string>;
  /** How a run has ended; what it waits for comes at once. */
  ended(runId: string): Promise<string>;
  /** Why streams of a run stand still. */
  errorsOf(runId: string): Promise<string>;
  /** How many records each page of a run gave, in their order. */
  pagesOf(runId: string): Promise<readonly number[]>;
  /** Ends a process as a crash would, and has another one started: perhaps one that will die at a kill point. */
  replace(which: 'worker' | 'api', killPoint?: string): Promise<number>;
  /** Has what is missing started again. */
  restart(killPoint?: string): Promise<void>;
  sql<T extends object>(text: string, values?: readonly string[]): Promise<readonly T[]>;
  stop(): Promise<void>;
}

export interface SendOptions {
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the administrator's key; null: none at all. */
  readonly key?: string | null;
}

/** Starts a home with one connection and reads it once. Takes about half a minute. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { system, streams, seed = 4 } = options;
  const db = await testStore();
  const home = await makeCliHome({ TRUEUP_TODAY: '2026-03-02', DATABASE_URL: db.url });
  const twin = await startTwin(system, seed);
  const config = { ...twin.credentials.config, ...options.config };
  const secrets = { ...twin.credentials.secrets, ...options.secrets };
  const added = { connector: system, name: CONNECTION, config, secrets };
  await home.json(await addArguments(home, added), z.unknown());
  const watched = streams.map((stream) => WATCHED[system](stream));
  const program = assemble({ db, home, twin, watched, canaries: Object.values(secrets) });
  const first = await program.read();
  if (first !== 'succeeded') throw new Error(`The first read is ${first}.`);
  return program;
}

interface Parts {
  readonly db: TestStore;
  readonly home: CliHome;
  readonly twin: TwinProcess;
  readonly watched: readonly WatchedStream[];
  readonly canaries: readonly string[];
}

function assemble({ db, home, twin, watched, canaries }: Parts): Program {
  const said: string[] = [];
  const send = sender(home, said);
  const looks = looking(db);
  const streamNames = watched.map(({ stream }) => stream);
  const start: Program['start'] = async (streams = streamNames, full = false) => {
    const body = JSON.stringify({ streams, full });
    const { status, text } = await send('POST', `/api/v1/connections/${CONNECTION}:pull`, { body });
    if (status >= 300) throw new Error(`The pull was answered with ${status}: ${text}`);
    return z.object({ runId: z.string() }).parse(JSON.parse(text)).runId;
  };
  return {
    store: db.store,
    tenantId: TENANT,
    connection: CONNECTION,
    watched,
    canaries: canaries.map(canaryOf),
    folder: home.folder,
    said,
    home,
    twin,
    db,
    ...changing(twin, watched),
    ...looks,
    ...crashing(home, said),
    send,
    start,
    read: async (full) => {
      const runId = await start(streamNames, full);
      const status = await looks.settled(runId);
      return status === 'succeeded' ? status : `${status}: ${await looks.errorsOf(runId)}`;
    },
    verifyAudit: async () => {
      const { code, err } = await home.run(['audit', 'verify']);
      return code === 0 ? null : `audit verify ended with ${code}: ${err}`;
    },
    stop: async () => {
      await home.stop();
      await twin.stop();
      await db.close();
    },
  };
}

function sender(home: CliHome, said: string[]): Program['send'] {
  return async (method, path, { body, headers = {}, key } = {}) => {
    const { url } = await home.processes();
    const bearer = key === undefined ? await home.adminKey() : key;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    said.push(text);
    return { status: response.status, text };
  };
}

function changing(
  twin: TwinProcess,
  watched: readonly WatchedStream[],
): Pick<Program, 'ids' | 'change'> {
  let changes = 0;
  return {
    ids: async (object, most) => {
      const id = watched.find((each) => each.object === object)?.idField ?? 'Id';
      return (await twin.records(object)).slice(0, most).map((record) => textOf(record, id));
    },
    change: async (object, ids) => {
      for (const id of ids) {
        changes += 1;
        await twin.update(object, id, { [NAMES[object] ?? 'Name']: `Changed ${changes}` });
      }
    },
  };
}

type Looks = Pick<Program, 'sql' | 'settled' | 'ended' | 'pagesOf' | 'errorsOf'>;

function looking({ store }: TestStore): Looks {
  // A case may cut every connection to the store, ours among them.
  const sql: Program['sql'] = (text, values = []) =>
    waitFor('the store', async () => {
      try {
        return await store.readTenant(TENANT, (tx) => tx.sql(text, values));
      } catch (error) {
        if (error instanceof StoreUnavailable) return undefined;
        throw error;
      }
    });
  const statusOf = async (runId: string): Promise<string> => {
    const rows = await sql<{ status: string }>(`select r.status from run r where r.id = $1`, [runId]); // prettier-ignore
    return rows[0]?.status ?? 'gone';
  };
  return {
    sql,
    errorsOf: async (runId) => {
      const rows = await sql<{ text: string }>(
        `select s.stream || ' ' || coalesce(s.error::text, '-') || ' ' || coalesce(s.certificate::text, '-') as text
         from run_stream s where s.run_id = $1 and s.status <> 'succeeded'`,
        [runId],
      );
      return rows
        .map(({ text }) => text)
        .join('; ')
        .slice(0, 1500);
    },
    pagesOf: async (runId) => {
      const rows = await sql<{ given: number }>(
        `select p.given::int as given from run_page p where p.run_id = $1 order by p.stream, p.page_number`,
        [runId],
      );
      return rows.map(({ given }) => given);
    },
    settled: (runId, seconds) =>
      waitFor(`${runId} to settle`, async () => {
        const status = await statusOf(runId);
        return ['succeeded', 'failed', 'parked'].includes(status) ? status : undefined;
      }, seconds), // prettier-ignore
    ended: (runId) =>
      waitFor(`${runId} to end`, async () => {
        const status = await statusOf(runId);
        if (['succeeded', 'failed'].includes(status)) return status;
        await store.withTenant(TENANT, skipWaits);
        return undefined;
      }, 120), // prettier-ignore
  };
}

/** As if the time that reads wait for had come. */
async function skipWaits(tx: TenantTx): Promise<void> {
  const soon = `app.clock() + interval '1 second'`;
  await tx.run(`update run_stream set resume_at = app.clock() where resume_at > ${soon}`);
  await tx.run(
    `update outbox set not_before = app.clock() where job = 'pull' and not_before > ${soon} and not_before < 'infinity'`,
  );
}

function crashing(home: CliHome, said: string[]): Pick<Program, 'replace' | 'restart'> {
  const restart: Program['restart'] = async (killPoint) => {
    const { out, err } = await home.run(['status'], killPoint === undefined ? {} : { TRUEUP_KILL_POINT: killPoint }); // prettier-ignore
    said.push(out, err);
  };
  return {
    restart,
    replace: async (which, killPoint) => {
      const pidOf = async (): Promise<number> => (await home.processes())[`${which}Pid`];
      const before = await pidOf();
      if (isRunning(before)) process.kill(before, 'SIGKILL');
      await gone(before);
      await restart(killPoint);
      const after = await pidOf();
      if (after === before) throw new Error(`No other ${which} was started.`);
      return after;
    },
  };
}

/** Waits until a process has ended. */
export async function gone(pid: number): Promise<void> {
  await waitFor(`process ${pid} to be gone`, async () => (isRunning(pid) ? undefined : true));
}

/** A stretch from the middle of a secret that stands on one line, whatever breaks its lines. */
export function canaryOf(secret: string): string {
  const lines = secret.split('\n').filter((line) => !line.startsWith('-----'));
  return (lines[1] ?? lines[0] ?? secret).slice(0, 40);
}

/** One rule of a fault plan for the API of the vendor; the login is spared. */
export function api(rule: JsonObject): JsonObject {
  return { match: { path: '/services/data' }, ...rule };
}

/** Makes the vendor give few rows a page, so that a read has several. */
export function inSmallPages(object: string, rows: number): JsonObject {
  return { action: 'short_page', match: { object }, rate: 1, with: { rows } };
}
