import type { StreamDefinition } from '../../src/sdk/define-connector.ts';

/** A column or member that the shipped mappings know. */
interface FileColumn {
  readonly name: string;
  readonly label: string;
}

/** A file that we know how to use: `<stream>.csv` or `<stream>.ndjson`. */
export interface FileStream extends StreamDefinition {
  /** What identifies a row when the connection does not say. */
  readonly key: readonly string[];
  readonly columns: readonly FileColumn[];
}
