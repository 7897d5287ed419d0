import type { Config } from '../config/read-environment.ts';
import { loadRegistry, type Registry } from '../registry/load-registry.ts';

/** The plug-ins of this installation, for commands that need no server. */
export function installedPlugIns(config: Pick<Config, 'root'>): Promise<Registry> {
  return loadRegistry(config.root);
}
