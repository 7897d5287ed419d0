import { isAbsolute } from 'node:path';
import * as z from 'zod';

/** Settings come as text from a command line; text that holds JSON is read as JSON. */
const orJson = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    try {
      const parsed: unknown = JSON.parse(value);
      return parsed;
    } catch {
      context.issues.push({ code: 'custom', message: 'must be a JSON object', input: value });
      return z.NEVER;
    }
  }, schema);

/** The files that every connection was expected to have before there were others. */
const USUAL_STREAMS = ['employment', 'agreements', 'named-users'] as const;
const STREAM_NAMES = [
  ...USUAL_STREAMS,
  'devices',
  'hosts',
  'vms',
  'clusters',
  'installs',
  'activations',
] as const;
/** `a,b` from a command line is a list as well. */
const listed = (value: unknown): unknown =>
  typeof value === 'string' ? value.split(',').map((each) => each.trim()) : value;

const FileName = z
  .string()
  .regex(/\.(csv|ndjson)$/, 'must end in .csv or .ndjson')
  .refine((name) => !isAbsolute(name) && !/[\0\\]/.test(name), 'must be a path below the directory')
  .refine((name) => !name.split('/').includes('..'), 'must not lead out of the directory');
const KeyColumns = z.array(z.string().min(1)).min(1);

export const FileConfig = z.strictObject({
  directory: z
    .string()
    .refine((path) => isAbsolute(path) && !path.includes('\0'), 'must be an absolute path')
    .describe('The directory that holds the files, as an absolute path on the server.'),
  streams: z
    .preprocess(listed, z.array(z.enum(STREAM_NAMES)).min(1))
    .default([...USUAL_STREAMS])
    .describe(
      'Which files there are: a list of streams. Absent: employment, agreements and named-users.',
    ),
  files: orJson(z.partialRecord(z.enum(STREAM_NAMES), FileName))
    .default({})
    .describe('File names that differ from <stream>.csv or <stream>.ndjson, by stream.'),
  keys: orJson(z.partialRecord(z.enum(STREAM_NAMES), KeyColumns))
    .default({})
    .describe(
      'The columns that together identify a row, by stream, where they differ from the standard.',
    ),
});
export type FileConfig = z.infer<typeof FileConfig>;

/** Files need no login. */
export const FileSecrets = z.strictObject({});
export type FileSecrets = z.infer<typeof FileSecrets>;
