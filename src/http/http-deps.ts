import type { Deps } from '../app/deps.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** What the API works with: the flows' dependencies, and what only a server has. */
export interface HttpDeps extends Deps {
  readonly version: string;
  /** The figures of this process. */
  readonly metrics: Pick<Metrics, 'render'>;
}
