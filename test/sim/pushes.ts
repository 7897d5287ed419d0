import { receiveHook, receiveVendorPush } from '../../src/app/flows/receive-hook.ts';
import type { Deps } from '../../src/app/deps.ts';
import { UnauthenticatedError } from '../../src/kernel/errors.ts';
import { signHook } from '../../src/sdk/twin-kit/hooks.ts';
import type { Crew } from './crew.ts';
import { count, type Tally } from './happenings.ts';
import { Crash, type Worker } from './schedule.ts';
import type { Seeded } from './seeded.ts';
import type { SimulatedVendor } from './vendor.ts';
import { virtualTime } from './virtual-time.ts';

const SIGNING = `whsec_${Buffer.alloc(24, 'simulated').toString('base64')}`;
const IN_ADDRESS = `path_${'simulated'.repeat(4)}`;
/** What a connection that takes pushes has among its secrets. */
export const PUSH_SECRETS = { webhookSecret: `${SIGNING},${IN_ADDRESS}` };

const HOUR_MS = 3_600_000;
/** Most attempts at one push: by then the receiver has no excuse. */
const MOST_ATTEMPTS = 50;

interface Push {
  readonly n: number;
  readonly stream: string;
  readonly id: string;
  /** In the vendor's own form, without a signature. */
  readonly isOwn: boolean;
}

/** A vendor that pushes what changed: at least once, in any order, until it is told that the push was kept. */
export interface Pushes {
  /** Something changed. */
  announce(stream: string, id: string): void;
  /**
   * Sends one of those that wait. One that was kept may stay, as if the answer had been lost. With `clockJumps` the
   * receiver's clock is wrong from now on: beyond five minutes no signature is believed (F-46).
   */
  deliverOne(clockJumps: boolean): Promise<void>;
  /** Sends all that wait until they are kept. */
  deliverAll(): Promise<void>;
}

interface PushDeps {
  readonly deps: Deps;
  readonly crew: Crew;
  readonly tenantId: string;
  readonly connection: string;
  readonly vendor: SimulatedVendor;
  readonly seeded: Seeded;
  readonly tally: Tally;
  readonly note: (line: string) => void;
}

export function createPushes(given: PushDeps): Pushes {
  const { deps, crew, tenantId, connection, vendor, seeded, tally, note } = given;
  const waiting: Push[] = [];
  const kept = new Set<number>();
  let announced = 0;
  let newest = 0;
  /** The process that takes pushes. */
  let api: Worker | null = null;

  const send = async (push: Push): Promise<void> => {
    const { n, stream, id, isOwn } = push;
    if (isOwn) {
      const body = Buffer.from(vendor.ownPush?.(push) ?? '');
      await receiveVendorPush(deps, { tenantId, connection, token: IN_ADDRESS, body });
      return;
    }
    const body = JSON.stringify({ type: 'record.changed', data: { object: stream, id } });
    const sentAt = Math.floor(virtualTime.now() / 1000);
    const name = `msg_${n}`;
    const signature = signHook(SIGNING, name, sentAt, body);
    const signed = { body: Buffer.from(body), id: name, timestamp: String(sentAt), signature };
    await receiveHook(deps, { tenantId, connection, push: signed });
  };
  /** What came of it: kept, refused because our clock is wrong, or cut off by the end of our process. */
  const attempt = async (push: Push): Promise<'kept' | 'refused' | 'cut off'> => {
    if (api === null || api.dead) api = crew.extra();
    let outcome: 'kept' | 'refused' | 'cut off' = 'kept';
    await crew.run(api, async () => {
      try {
        await send(push);
      } catch (error) {
        if (error instanceof Crash) outcome = 'cut off';
        else if (error instanceof UnauthenticatedError) outcome = 'refused';
        else throw error;
      }
    });
    return outcome;
  };
  const deliver = async (push: Push): Promise<boolean> => {
    const outcome = await attempt(push);
    note(`push ${push.n} of ${push.stream} ${push.id} is ${outcome}`);
    if (outcome === 'refused') count(tally, 'pushes refused');
    if (outcome !== 'kept') return false;
    count(tally, push.isOwn ? 'own-form pushes kept' : 'pushes kept');
    if (kept.has(push.n)) count(tally, 'pushes sent again');
    else if (push.n < newest) count(tally, 'pushes out of order');
    kept.add(push.n);
    newest = Math.max(newest, push.n);
    return true;
  };
  return {
    announce: (stream, id) => {
      announced += 1;
      const isOwn = vendor.ownPush !== undefined && seeded.chance(0.4);
      waiting.push({ n: announced, stream, id, isOwn });
    },
    deliverOne: async (clockJumps) => {
      if (clockJumps && api !== null) api.wrongBy = seeded.pick([-HOUR_MS, 0, HOUR_MS]);
      if (waiting.length === 0) return;
      const push = seeded.pick(waiting);
      const isDone = (await deliver(push)) && !seeded.chance(0.3);
      if (isDone) waiting.splice(waiting.indexOf(push), 1);
    },
    deliverAll: async () => {
      for (const push of seeded.shuffled(waiting)) {
        let attempts = 0;
        while (!(await deliver(push))) {
          attempts += 1;
          if (attempts >= MOST_ATTEMPTS) throw new Error(`Push ${push.n} is not taken.`);
        }
      }
      waiting.length = 0;
    },
  };
}
