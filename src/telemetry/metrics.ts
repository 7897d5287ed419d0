import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Logger } from '../kernel/logger.ts';
import { messageOf } from '../kernel/errors.ts';

const JOB_SECONDS = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300];
const REQUEST_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Figures that are asked for when somebody scrapes; a figure that cannot be had is left out. */
export interface GaugeSources {
  /** Wake-ups that wait or run, per lane. */
  queueDepth(): Promise<Readonly<Record<string, number>>>;
  /** Intents that are not settled, per state. */
  openIntents(): Promise<Readonly<Record<string, number>>>;
  /** Of the fullest call budget, the part that is used today, per connector. */
  budgetsUsed(): Promise<Readonly<Record<string, number>>>;
  /** Quarantined records and stuck work that wait for a person. */
  openErrors(): Promise<number>;
  /** Connections of this process by the state of their breaker. */
  breakers?(): Promise<Readonly<Record<string, number>>>;
}

/** Told of what this process does, where it does it. */
export interface Observer {
  countRecords(stream: string, outcome: string, count: number): void;
  /** Records with a stamp older than what was certified before, by the read that caught them. */
  countLate?(stream: string, caught: 'overlap' | 'full pass', count: number): void;
  observeJob(job: string, outcome: string, seconds: number): void;
  observeRequest(connector: string, seconds: number): void;
}

/** The figures of one process, for Prometheus. They carry no tenant, no record and no person. */
export interface Metrics extends Observer {
  /** The exposition format, with its content type. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Makes the metrics of one process in a registry of their own; the library's global one stays empty. */
export function createMetrics(sources: GaugeSources, logger: Logger): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const records = new Counter({
    name: 'trueup_sync_records_total',
    help: 'Source records that were read, by what became of them.',
    labelNames: ['stream', 'outcome'],
    registers,
  });
  const late = new Counter({
    name: 'trueup_late_rows_total',
    help: 'Records that came with a stamp older than what was certified, by the read that caught them.',
    labelNames: ['stream', 'caught'],
    registers,
  });
  const jobs = new Histogram({
    name: 'trueup_job_seconds',
    help: 'How long jobs ran, by how they ended.',
    labelNames: ['job', 'outcome'],
    buckets: JOB_SECONDS,
    registers,
  });
  const requests = new Histogram({
    name: 'trueup_connector_request_seconds',
    help: 'How long calls to connected systems took.',
    labelNames: ['connector'],
    buckets: REQUEST_SECONDS,
    registers,
  });
  addGauges(registry, sources, logger);
  return {
    countRecords: (stream, outcome, count) => records.inc({ stream, outcome }, count),
    countLate: (stream, caught, count) => late.inc({ stream, caught }, count),
    observeJob: (job, outcome, seconds) => jobs.observe({ job, outcome }, seconds),
    observeRequest: (connector, seconds) => requests.observe({ connector }, seconds),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}

function addGauges(registry: Registry, sources: GaugeSources, logger: Logger): void {
  const gauge = (
    name: string,
    help: string,
    label: string | undefined,
    ask: () => Promise<Readonly<Record<string, number>>>,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [registry],
      async collect() {
        this.reset();
        const figures = await ask().catch((error: unknown) => {
          logger.warn('a figure could not be had', { metric: name, reason: messageOf(error) });
          // Without labels a reset gauge reads 0, which would be a lie.
          if (label === undefined) this.remove();
          return {};
        });
        for (const [of, value] of Object.entries(figures)) {
          this.set(label === undefined ? {} : { [label]: of }, value);
        }
      },
    });
  gauge('trueup_queue_depth', 'Wake-ups that wait or run.', 'lane', () => sources.queueDepth());
  gauge('trueup_intents_open', 'Intents that are not settled.', 'state', () =>
    sources.openIntents(),
  );
  if (sources.breakers !== undefined) {
    const breakers = async () => (await sources.breakers?.()) ?? {};
    gauge('trueup_breaker_state', 'Connections by the state of their breaker.', 'state', breakers);
  }
  gauge(
    'trueup_api_budget_used_ratio',
    'Calls used of the daily budget or of the limit of the vendor, of the fullest connection.',
    'connector',
    () => sources.budgetsUsed(),
  );
  gauge('trueup_errors_open', 'Records and work that wait for a person.', undefined, async () => ({
    all: await sources.openErrors(),
  }));
}
