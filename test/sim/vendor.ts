import type { JsonObject } from '../../src/kernel/hash.ts';
import type { TwinWorld } from '../../src/sdk/define-twin.ts';
import type { TwinRequest } from '../../src/sdk/twin-kit/exchange.ts';
import type { Happening } from './happenings.ts';
import type { Seeded } from './seeded.ts';

/** One stream of a simulated vendor, and how what was read of it is compared with what the vendor holds. */
export interface SimulatedStream {
  /** The stream, named as the twin names its object. */
  readonly name: string;
  /** The canonical noun that its records become. */
  readonly noun: string;
  idOf(record: JsonObject): string;
  /** What the vendor's record says, in a form that a landed record gives too. */
  textOf(record: JsonObject): string;
  /** The same, of the fact that the record became. */
  textOfFact(body: JsonObject): string;
}

/** A stream does not grow beyond so many records: it must be possible to read to its end. */
export const MOST_RECORDS = 24;

/** What people at a vendor's screen see of a stream. */
interface Holdings {
  readonly records: readonly JsonObject[];
  /** What they deleted, as it was, and have not brought back since. */
  readonly gone: readonly JsonObject[];
}

/** What people do at a vendor's screen. */
export interface Change {
  readonly mutation: JsonObject;
  /** The kind of happening that it is, if the simulator counts it (`happenings.ts`). */
  readonly happens: Happening | null;
  /** One of those that were gone is not to be met among them any more. */
  readonly settles?: string;
}

/** A vendor as the simulator knows it: a small random world, what people do to it, and the faults that it may have. */
export interface SimulatedVendor {
  readonly system: string;
  readonly scheme: 'http' | 'https';
  readonly streams: readonly SimulatedStream[];
  world(seeded: Seeded): TwinWorld;
  /** A change at the vendor's own screen. */
  change(seeded: Seeded, stream: string, holdings: Holdings): Change;
  /** Faults of the vendor's own state, besides those of the wire. */
  stateFaults(seeded: Seeded): readonly JsonObject[];
  /** Settings of the connection that differ from the twin's own. */
  readonly config: JsonObject;
  /** Settings beyond what a person may choose: a small world needs small numbers. */
  tune?(seeded: Seeded): JsonObject;
  /** Takes pushes in the vendor's own form too; the body of one. */
  ownPush?(push: { readonly n: number; readonly stream: string; readonly id: string }): string;
  /** A part of the paths that faults of the wire are for. */
  readonly path: string;
  /** Faults of the wire from which this vendor's connections do not recover without a person. */
  readonly spares: readonly string[];
  /** True for a call that the vendor answers only when it has something to tell. */
  isPoll?(request: TwinRequest): boolean;
  /** True for the call by which a read of the first stream is proven. */
  proves?(request: TwinRequest): boolean;
  /** What a call that was answered shows to have happened. */
  happened?(request: TwinRequest, status: number): Happening | null;
  /** Makes the vendor's pages as short as a small world needs, where its own twin has no setting for it. */
  narrow?(request: TwinRequest, rows: number): TwinRequest;
}
