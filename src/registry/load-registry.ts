import { join, resolve } from 'node:path';
import { NotFoundError } from '../kernel/errors.ts';
import type { ConnectorDefinition } from '../sdk/define-connector.ts';
import type { JobDefinition } from '../sdk/define-job.ts';
import type { MetricDefinition } from '../sdk/define-metric.ts';
import type { TransformDefinition } from '../sdk/define-transform.ts';
import type { TwinDefinition } from '../sdk/define-twin.ts';
import { loadPlugIn, type PlugInFile } from './load-plug-in.ts';
import {
  connectorKind,
  jobKind,
  metricKind,
  transformKind,
  twinKind,
  type PlugInKind,
} from './plug-in-shapes.ts';
import { findTwin, scanFiles, scanFolders } from './scan.ts';

/** Every plug-in of this installation, by name. */
export interface Registry {
  readonly connectors: ReadonlyMap<string, ConnectorDefinition>;
  readonly jobs: ReadonlyMap<string, JobDefinition>;
  readonly transforms: ReadonlyMap<string, TransformDefinition>;
  readonly metrics: ReadonlyMap<string, MetricDefinition>;
  /** Where the shipped mappings lie, one folder per system. */
  readonly mappingsDir: string;
  /** Loads the twin of a system; nothing of it is loaded before. NotFoundError if the system has none. */
  twin(system: string): Promise<TwinDefinition>;
}

const HERE = resolve(import.meta.dirname, '../..');

/**
 * Finds and checks every plug-in below `root` (by default the folder that Trueup runs from). Adding one needs no
 * edit anywhere. ConfigError, naming the file, for one that does not load or does not fit.
 */
export async function loadRegistry(root: string = HERE): Promise<Registry> {
  const [connectors, jobs, transforms, metrics] = await Promise.all([
    load(connectorKind, scanFolders(root, 'connectors')),
    load(jobKind, scanFiles(root, 'jobs', { optional: false })),
    load(transformKind, scanFiles(root, 'mappings/transforms', { optional: true })),
    load(metricKind, scanFiles(root, 'src/licensing/metrics', { optional: true })),
  ]);
  return {
    connectors,
    jobs,
    transforms,
    metrics,
    mappingsDir: join(root, 'mappings'),
    twin: (system) => loadTwin(root, connectors, system),
  };
}

async function load<Definition>(
  kind: PlugInKind<Definition>,
  scanned: Promise<readonly PlugInFile[]>,
): Promise<ReadonlyMap<string, Definition>> {
  const files = await scanned;
  const loaded = await Promise.all(files.map((file) => loadPlugIn(kind, file)));
  return new Map(loaded.map((definition) => [kind.nameOf(definition), definition]));
}

async function loadTwin(
  root: string,
  connectors: ReadonlyMap<string, unknown>,
  system: string,
): Promise<TwinDefinition> {
  // Only names of our own folders become paths.
  const file = connectors.has(system) ? await findTwin(root, system) : undefined;
  if (file === undefined) {
    throw new NotFoundError(
      `There is no twin of "${system}". Connectors: ${[...connectors.keys()].join(', ')}.`,
    );
  }
  return await loadPlugIn(twinKind, file);
}
