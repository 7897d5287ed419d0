import type { JsonObject } from '../kernel/hash.ts';
import type { FaultPlan } from './twin-kit/faults.ts';
import type { TwinRequest } from './twin-kit/exchange.ts';
import type { WireOutcome } from './twin-kit/wire-faults.ts';

/** One planted drift: what a perfect reconciliation of this world must find. Ids are the vendors' own. */
export interface PlantedDrift {
  readonly kind: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly sku: string | null;
  readonly note: string;
  /** The first day on which it was drift; absent where the records do not say. */
  readonly since?: string;
}

/** What a twin holds at its start: records per vendor object, in the vendor's own field names. */
export interface TwinWorld {
  readonly objects: Readonly<Record<string, readonly JsonObject[]>>;
  /** The vendor-side installation: organisation or account id, zone, currencies, installed field packages. */
  readonly settings: JsonObject;
}

export interface TwinOptions {
  readonly world: TwinWorld;
  readonly planted: readonly PlantedDrift[];
  /** 0 picks a free port, null opens none: the twin is then there for `ask` alone. It binds to 127.0.0.1 only. */
  readonly port: number | null;
  /** The instant at which the twin's clock starts, ISO 8601; it runs on from there. */
  readonly startAt: string;
  readonly seed: number;
  /** The faults that it starts with. */
  readonly faults?: FaultPlan;
}

export interface RunningTwin {
  readonly system: string;
  readonly url: string;
  /** The control endpoint, `…/__twin`. */
  readonly control: string;
  /** Exactly what `connections add` needs: `config` for --set, `secrets` for --secret. */
  readonly credentials: {
    readonly config: JsonObject;
    readonly secrets: Readonly<Record<string, string>>;
  };
  /** One request without a socket, faults included; `sleep` waits for what a fault delays. */
  ask(request: TwinRequest, sleep: (ms: number) => Promise<unknown>): Promise<WireOutcome>;
  stop(): Promise<void>;
}

/** A twin: `connectors/<system>/twin/index.ts`, a faithful server of the vendor's protocol over its own state. */
export interface TwinDefinition {
  readonly system: string;
  /** What it holds where the sample company knows nothing of this system: a small world made from the seed alone. */
  ownWorld?(seed: number): TwinWorld;
  start(options: TwinOptions): Promise<RunningTwin>;
}

/** Declares a twin. */
export function defineTwin(definition: TwinDefinition): TwinDefinition {
  return definition;
}
