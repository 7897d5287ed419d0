import { isAbsolute } from 'node:path';
import * as z from 'zod';

export const STREAM_NAMES = ['checkouts', 'denials', 'features'] as const;
/** `a,b` from a command line is a list as well. */
const listed = (value: unknown): unknown =>
  typeof value === 'string' ? value.split(',').map((each) => each.trim()) : value;

const FileName = z
  .string()
  .min(1)
  .refine((name) => !isAbsolute(name) && !/[\0\\]/.test(name), 'must be a path below the directory')
  .refine((name) => !name.split('/').includes('..'), 'must not lead out of the directory');

const LogPattern = FileName.refine(
  (name) => !/[*?].*\//.test(name),
  'may have * and ? in the name of the file only, not in a directory',
);

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

export const FlexnetConfig = z.strictObject({
  directory: z
    .string()
    .refine((path) => isAbsolute(path) && !path.includes('\0'), 'must be an absolute path')
    .describe('The directory that holds the licence server’s files, as an absolute path on this server.'), // prettier-ignore
  server: z.string().min(1).max(100).describe('The name of the licence server, such as lic1.'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin')
    .describe('The time zone of the licence server’s clock: its log has none.'),
  debugLog: FileName.default('lmgrd.log').describe('The debug log of lmgrd.'),
  rotatedLogs: z
    .preprocess(listed, z.array(LogPattern).max(20))
    .default([])
    .describe('Where older pieces of the debug log lie, as names or patterns such as lmgrd.log.*; they are read before it.'), // prettier-ignore
  lmstat: FileName.default('lmstat.txt').describe('What `lmstat -a` printed last.'),
  streams: z
    .preprocess(listed, z.array(z.enum(STREAM_NAMES)).min(1))
    .default(['checkouts', 'denials'])
    .describe('What to read: checkouts and denials from the log, features from lmstat.'),
});
export type FlexnetConfig = z.infer<typeof FlexnetConfig>;

/** Files need no login. */
export const FlexnetSecrets = z.strictObject({});
export type FlexnetSecrets = z.infer<typeof FlexnetSecrets>;
