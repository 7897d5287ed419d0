import type { Store } from '../db/store.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Builtins } from '../mapping/builtin.ts';
import type { Queue } from '../queue/port.ts';
import type { Registry } from '../registry/load-registry.ts';
import type { Kek } from '../security/kek.ts';
import type { Observer } from '../telemetry/metrics.ts';
import type { Pacing } from './pacing.ts';
import type { Sessions } from './sessions.ts';

/** What flows work with; built once per process in `compose.ts`. */
export interface Deps {
  /** `TRUEUP_HOME`, absolute. */
  readonly home: string;
  readonly store: Store;
  readonly queue: Queue;
  readonly registry: Registry;
  /** Open sessions to connected systems. */
  readonly sessions: Sessions;
  /** Shipped mappings, compiled with the registry's transforms. */
  readonly mappings: Builtins;
  readonly kek: Kek;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Breakers and budgets of retries towards connected systems; without it each ask stands alone. */
  readonly pacing?: Pacing;
  /** Told of what is done, for the figures of this process. */
  readonly observe?: Observer;
}
