import { openLocalFile, type LocalFile } from '../../src/sdk/local-file.ts';
import type { FileConfig } from './config.ts';
import type { FileStream } from './file-stream.ts';

export type FileFormat = 'csv' | 'ndjson';

/** An open file of a connection, and how its rows are written. Whoever opened it closes it. */
export interface SourceFile extends LocalFile {
  readonly format: FileFormat;
}

/** Opens the file of a stream. Throws RemoteRejected or RemoteUnavailable with what to do. */
export async function openSourceFile(config: FileConfig, stream: FileStream): Promise<SourceFile> {
  const configured = config.files[stream.name as keyof FileConfig['files']];
  const names =
    configured === undefined ? [`${stream.name}.csv`, `${stream.name}.ndjson`] : [configured];
  const file = await openLocalFile({ directory: config.directory, names, stream: stream.name });
  return { ...file, format: file.name.endsWith('.ndjson') ? 'ndjson' : 'csv' };
}
