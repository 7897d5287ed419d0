import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import { currentWorker, type Schedule, type Worker } from './schedule.ts';
import type { Seeded } from './seeded.ts';

/** The worker processes of a simulation. A process that died is followed by another of the next number. */
export interface Crew {
  /** As many living workers as asked for. */
  hands(count: number): readonly Worker[];
  /** A worker beside those, for work that was taken from one of them. */
  extra(): Worker;
  /** The choices of the worker whose code this is. Its own stream: two workers draw from theirs at the same time. */
  luck(): Seeded;
  /** How long its calls take: a stream of its own again, because a call and a landing of one worker overlap. */
  pace(): Seeded;
  /** The worker's own session, opened once per process as the program does it. */
  session(open: () => Promise<ConnectorSession>): Promise<ConnectorSession>;
  run(worker: Worker, work: () => Promise<unknown>): Promise<void>;
  /** Sets all clocks right, as time servers do in the end. */
  setClocks(): void;
}

interface Hand {
  readonly luck: Seeded;
  readonly pace: Seeded;
  session: Promise<ConnectorSession> | null;
}

export function createCrew(schedule: Schedule, seeded: Seeded): Crew {
  const hands = new Map<Worker, Hand>();
  const slots: Worker[] = [];
  const hire = (): Worker => {
    const worker: Worker = {
      name: `w${hands.size + 1}`,
      life: new AbortController(),
      dead: false,
      wrongBy: 0,
    };
    hands.set(worker, { luck: seeded.fork(), pace: seeded.fork(), session: null });
    return worker;
  };
  const outside: Hand = { luck: seeded.fork(), pace: seeded.fork(), session: null };
  const own = (): Hand => {
    const worker = currentWorker();
    return (worker === undefined ? undefined : hands.get(worker)) ?? outside;
  };
  return {
    hands: (count) =>
      Array.from({ length: count }, (_, slot) => {
        const held = slots[slot];
        const worker = held === undefined || held.dead ? hire() : held;
        slots[slot] = worker;
        return worker;
      }),
    extra: hire,
    luck: () => own().luck,
    pace: () => own().pace,
    session: (open) => {
      const hand = own();
      hand.session ??= open();
      hand.session.catch(() => {
        hand.session = null;
      });
      return hand.session;
    },
    run: (worker, work) => schedule.run(worker, work),
    setClocks: () => {
      for (const worker of hands.keys()) worker.wrongBy = 0;
    },
  };
}
