import type { JsonObject } from '../../src/kernel/hash.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import type { Crew } from './crew.ts';
import { Crash, currentWorker, pauseWorker, type Schedule } from './schedule.ts';
import type { Seeded } from './seeded.ts';
import type { WireEvents } from './simulated-wire.ts';
import type { SimulatedVendor } from './vendor.ts';
import { virtualTime } from './virtual-time.ts';

/**
 * How rough the world is just now; all of it is off while things settle. Chances are per call to the vendor. No storm
 * lasts for ever: after so many deaths and pauses it has blown itself out, or nothing would ever end.
 */
export interface Weather {
  /** People change something at the vendor. */
  readonly change: number;
  /** A worker dies; also per kill point. */
  readonly crash: number;
  /** A worker is paused for longer than its lease lasts. */
  readonly zombie: number;
}

/** What one storm has in it. */
const STORM = { crashes: 12, zombies: 3, changes: 60 };

export const CALM: Weather = { change: 0, crash: 0, zombie: 0 };
interface Ground {
  readonly vendor: SimulatedVendor;
  readonly seeded: Seeded;
  readonly schedule: Schedule;
  readonly crew: Crew;
  readonly twin: RunningTwin;
}

/** What comes over the simulation from above: people's changes, crashes, pauses; and the trace of it all. */
export function createSky({ vendor, seeded, schedule, crew, twin }: Ground) {
  const counts = { calls: 0, changes: 0, crashes: 0, zombies: 0 };
  const lines: string[] = [];
  const [changes, dice, times] = [seeded.fork(), seeded.fork(), seeded.fork()];
  const pageRows = times.whole(1, 6);
  let weather = CALM;
  let left = { ...STORM };
  let takeOver = async (): Promise<void> => undefined;

  const note = (line: string): void => {
    lines.push(`${virtualTime.now()} ${currentWorker()?.name ?? '-'} ${line}`);
  };
  const records = async (stream: string): Promise<readonly JsonObject[]> =>
    (await askControl(twin, 'GET', `/records?object=${stream}`)) as readonly JsonObject[];
  const crash = (where: string): void => {
    if (left.crashes === 0) return;
    left.crashes -= 1;
    note(`dies ${where}`);
    counts.crashes += 1;
    const worker = currentWorker();
    if (worker !== undefined) schedule.kill(worker);
    throw new Crash('kill -9');
  };
  const change = async (): Promise<void> => {
    if (left.changes === 0) return;
    left.changes -= 1;
    const stream = changes.pick(vendor.streams).name;
    const mutation = vendor.change(changes, stream, await records(stream));
    if (mutation === null) return;
    counts.changes += 1;
    const answer = await askControl(twin, 'POST', '/mutate', mutation);
    note(`${JSON.stringify(mutation)} ${JSON.stringify(answer)}`);
  };
  const pausePastLease = async (): Promise<void> => {
    if (left.zombies === 0) return;
    left.zombies -= 1;
    counts.zombies += 1;
    note('is paused past its lease');
    await takeOver();
    // Whoever took over is under way before this one goes on.
    await pauseWorker(0);
  };
  const events: WireEvents = {
    latency: () => crew.pace().whole(5, 400),
    shape: (request) => vendor.narrow?.(request, pageRows) ?? request,
    before: async () => {
      counts.calls += 1;
      if (changes.chance(weather.change))
        for (let more = changes.whole(1, 4); more > 0; more -= 1) await change();
      if (dice.chance(weather.crash)) crash('before a call');
      if (dice.chance(weather.zombie)) await pausePastLease();
    },
    after: (request, outcome) => {
      const asked = request.query.get('q') ?? (spoken(request.rawBody) || request.query.toString());
      note(`${request.method} ${request.path} ${asked} ${outcome}`);
      if (dice.chance(weather.crash)) crash('after a call');
    },
  };
  return {
    counts,
    events,
    note,
    records,
    trace: () => lines,
    isStill: () => weather.change === 0,
    setWeather: (next: Weather) => {
      weather = next;
      left = { ...STORM };
    },
    onZombie: (act: () => Promise<void>) => {
      takeOver = act;
    },
    atKillPoint: (name: string): void => {
      if (currentWorker() !== undefined && crew.luck().chance(weather.crash)) crash(`at ${name}`);
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
  const outcome = await twin.ask(
    {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: {},
      rawBody: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    },
    pauseWorker,
  );
  if (outcome.kind === 'reply' && outcome.reply.status === 200) return outcome.reply.body;
  throw new Error(`The twin refused ${method} ${path}: ${JSON.stringify(outcome)}`);
}
