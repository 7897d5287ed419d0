import type { JsonObject } from '../../src/kernel/hash.ts';
import type { TwinWorld } from '../../src/sdk/define-twin.ts';
import type { TwinRequest } from '../../src/sdk/twin-kit/exchange.ts';
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

/** A vendor as the simulator knows it: a small random world, what people do to it, and the faults that it may have. */
export interface SimulatedVendor {
  readonly system: string;
  readonly scheme: 'http' | 'https';
  readonly streams: readonly SimulatedStream[];
  world(seeded: Seeded): TwinWorld;
  /** A change at the vendor's own screen; `records` holds what the stream has now. Null: nothing can be changed. */
  change(seeded: Seeded, stream: string, records: readonly JsonObject[]): JsonObject | null;
  /** Faults of the vendor's own state, besides those of the wire. */
  stateFaults(seeded: Seeded): readonly JsonObject[];
  /** Settings of the connection that differ from the twin's own. */
  readonly config: JsonObject;
  /** A part of the paths that faults of the wire are for. */
  readonly path: string;
  /** Faults of the wire from which this vendor's connections do not recover without a person. */
  readonly spares: readonly string[];
  /** Makes the vendor's pages as short as a small world needs, where its own twin has no setting for it. */
  narrow?(request: TwinRequest, rows: number): TwinRequest;
}
