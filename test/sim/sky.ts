import type { JsonObject } from '../../src/kernel/hash.ts';
import type { KillPoint } from '../../src/kernel/kill-point.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import type { TwinRequest } from '../../src/sdk/twin-kit/exchange.ts';
import { atVendor } from './clocks.ts';
import type { Crew } from './crew.ts';
import { count, deathAt, type Tally } from './happenings.ts';
import { Crash, currentWorker, pauseWorker, type Schedule } from './schedule.ts';
import type { Seeded } from './seeded.ts';
import type { WireEvents } from './simulated-wire.ts';
import type { Change, SimulatedVendor } from './vendor.ts';
import { virtualTime } from './virtual-time.ts';

/**
 * How rough the world is just now; all of it is off while things settle. Chances are per call to the vendor. No storm
 * lasts for ever: after so many deaths and pauses it has blown itself out, or nothing would ever end.
 */
export interface Weather {
  /** People change something at the vendor. */
  readonly change: number;
  /** A worker dies; twice as often at a kill point. */
  readonly crash: number;
  /** A worker is paused for longer than its lease lasts. */
  readonly zombie: number;
  /** The wall clock of a worker's machine jumps (F-40). */
  readonly jump: number;
  /** A push that waits is sent. */
  readonly push: number;
}

/** What one storm has in it. */
const STORM = { crashes: 12, zombies: 3, changes: 60 };
/** A storm has far fewer kill points than calls, and a death at one shows more. */
const KILLS = 2;
/** How far a clock jumps: a leap second, a time server that was found again, a summer time that was none. */
const JUMPS_MS = [1_000, 30_000, 600_000, 3_600_000];
/** How long a poll is under way at most: a vendor forgets who is silent for more than 40 s. */
const LONGEST_POLL_MS = 30_000;

export const CALM: Weather = { change: 0, crash: 0, zombie: 0, jump: 0, push: 0 };
interface Ground {
  readonly vendor: SimulatedVendor;
  readonly seeded: Seeded;
  readonly schedule: Schedule;
  readonly crew: Crew;
  readonly twin: RunningTwin;
  readonly tally: Tally;
}

/** What the rest of a simulation does when it is time. */
interface Acts {
  takeOver(): Promise<void>;
  /** Something changed at the vendor. */
  changed(stream: string, id: string): void;
  /** A push comes; the clock of the process that takes it may be wrong from now on. */
  push(clockJumps: boolean): Promise<void>;
  polled(): void;
}

/** What people do at the vendor's screen, and what they remember of what they deleted. */
function createPeopleThere({ vendor, twin, tally }: Ground, changes: Seeded) {
  const gone = new Map<string, readonly JsonObject[]>();
  const records = async (stream: string): Promise<readonly JsonObject[]> =>
    (await askControl(twin, 'GET', `/records?object=${stream}`)) as readonly JsonObject[];
  return {
    records,
    change: async (): Promise<Change & { readonly stream: string; readonly id: string }> => {
      const picked = changes.pick(vendor.streams);
      const stream = picked.name;
      const before = await records(stream);
      const bin = gone.get(stream) ?? [];
      const change = vendor.change(changes, stream, { records: before, gone: bin });
      const answer = await askControl(twin, 'POST', '/mutate', change.mutation);
      const { operation, id } = change.mutation;
      const isEnd = operation === 'delete' || operation === 'merge';
      const lost = isEnd ? before.filter((each) => picked.idOf(each) === id) : [];
      gone.set(stream, [...bin.filter((each) => picked.idOf(each) !== change.settles), ...lost]);
      count(tally, 'changes');
      if (change.happens !== null) count(tally, change.happens);
      return { ...change, stream, id: (answer as { readonly id: string }).id };
    },
  };
}

/** What comes over the simulation from above: people's changes, crashes, pauses; and the trace of it all. */
export function createSky(ground: Ground) {
  const { vendor, seeded, schedule, crew, tally } = ground;
  const lines: string[] = [];
  const [changes, dice, times] = [seeded.fork(), seeded.fork(), seeded.fork()];
  const there = createPeopleThere(ground, changes);
  const pageRows = times.whole(1, 6);
  let weather = CALM;
  let left = { ...STORM };
  let acts: Acts | null = null;
  let beforeProof: (() => Promise<void>) | null = null;

  const note = (line: string): void => {
    lines.push(`${virtualTime.now()} ${currentWorker()?.name ?? '-'} ${line}`);
  };
  const crash = (where: string): void => {
    if (left.crashes === 0) return;
    left.crashes -= 1;
    note(`dies ${where}`);
    count(tally, 'crashes');
    const worker = currentWorker();
    if (worker !== undefined) schedule.kill(worker);
    throw new Crash('kill -9');
  };
  const change = async (): Promise<void> => {
    const { mutation, stream, id } = await there.change();
    note(`${JSON.stringify(mutation)} ${id}`);
    acts?.changed(stream, id);
  };
  const pausePastLease = async (): Promise<void> => {
    if (left.zombies === 0) return;
    left.zombies -= 1;
    count(tally, 'zombies');
    note('is paused past its lease');
    await acts?.takeOver();
    // Whoever took over is under way before this one goes on.
    await pauseWorker(0);
  };
  const jump = (): void => {
    const worker = currentWorker();
    if (worker === undefined) return;
    const before = worker.wrongBy;
    worker.wrongBy = dice.pick(JUMPS_MS) * (dice.chance(0.5) ? 1 : -1);
    count(tally, worker.wrongBy < before ? 'clocks set back' : 'clocks set ahead');
    note(`has a clock that is wrong by ${worker.wrongBy}`);
  };
  const isPoll = (request: TwinRequest): boolean => vendor.isPoll?.(request) ?? false;
  const events: WireEvents = {
    latency: (request) => {
      if (!isPoll(request)) return crew.pace().whole(5, 400);
      acts?.polled();
      return crew.pace().whole(1_000, LONGEST_POLL_MS);
    },
    shape: (request) => vendor.narrow?.(request, pageRows) ?? request,
    before: async (request) => {
      count(tally, 'calls');
      if (changes.chance(weather.change))
        for (let more = changes.whole(1, 4); more > 0 && left.changes > 0; more -= 1) {
          left.changes -= 1;
          await change();
        }
      if (vendor.proves?.(request) === true) {
        const act = beforeProof;
        beforeProof = null;
        await act?.();
      }
      if (dice.chance(weather.push)) await acts?.push(dice.chance(weather.jump));
      if (dice.chance(weather.jump)) jump();
      if (dice.chance(weather.crash)) crash('before a call');
      // Nobody takes over from a process that listens; it is no work that is leased.
      if (dice.chance(weather.zombie) && !isPoll(request)) await pausePastLease();
    },
    after: (request, outcome) => {
      const asked = request.query.get('q') ?? (spoken(request.rawBody) || request.query.toString());
      note(`${request.method} ${request.path} ${asked} ${outcome}`);
      const happened = vendor.happened?.(request, Number(outcome)) ?? null;
      if (happened !== null) count(tally, happened);
      if (dice.chance(weather.crash)) crash('after a call');
    },
  };
  return {
    events,
    note,
    change,
    records: there.records,
    mutate: async (mutation: JsonObject): Promise<string> => {
      const { id } = (await askControl(ground.twin, 'POST', '/mutate', mutation)) as {
        readonly id: string;
      };
      note(`${JSON.stringify(mutation)} ${id}`);
      return id;
    },
    onProof: (act: () => Promise<void>) => {
      beforeProof = act;
    },
    trace: () => lines,
    isStill: () => weather.change === 0,
    setWeather: (next: Weather) => {
      weather = next;
      left = { ...STORM };
    },
    onActs: (next: Acts) => {
      acts = next;
    },
    atKillPoint: (name: KillPoint, what: () => string): void => {
      if (currentWorker() === undefined || !crew.luck().chance(KILLS * weather.crash)) return;
      const died = left.crashes > 0 ? deathAt(name, what()) : null;
      if (died !== null) count(tally, died);
      crash(`at ${name}`);
    },
  };
}

/** A query that came in the body; a login's body holds what is different each time. */
function spoken(body: Buffer): string {
  const text = body.toString('utf8');
  return text.startsWith('{"q":') ? text : '';
}

/** The twin's control endpoint. Throws with the twin's words when it refuses. */
export async function askControl(
  twin: RunningTwin,
  method: string,
  path: string,
  body?: JsonObject,
): Promise<unknown> {
  const url = new URL(`${twin.control}${path}`);
  const request = {
    method,
    path: url.pathname,
    query: url.searchParams,
    headers: {},
    rawBody: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
  };
  const outcome = await atVendor(() => twin.ask(request, pauseWorker));
  if (outcome.kind === 'reply' && outcome.reply.status === 200) return outcome.reply.body;
  throw new Error(`The twin refused ${method} ${path}: ${JSON.stringify(outcome)}`);
}
