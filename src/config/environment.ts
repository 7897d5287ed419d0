import { z } from 'zod';
import { isLocalDate } from '../kernel/dates.ts';
import { parseKillPlan } from '../kernel/kill-point.ts';

const path = z.string();
const url = (protocols: readonly string[], example: string) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL such as ${example}`,
  });
const count = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `must be a whole number from ${least} to ${most}`,
    })
    .transform(Number);

/**
 * Every variable that Trueup reads, by its own name. Nothing else is configuration.
 * The three that hold a secret also come as `NAME_FILE`, the path of a file with the value.
 */
export const Environment = z
  .object({
    /** Holds all local state. Two homes never touch each other. */
    TRUEUP_HOME: path.default('.trueup'),
    TRUEUP_ROLE: z
      .enum(['all', 'api', 'worker', 'scheduler'], {
        error: 'must be all, api, worker or scheduler',
      })
      .default('all'),
    TRUEUP_HOST: z.string().default('127.0.0.1'),
    /** 0 lets the system pick a free port. */
    TRUEUP_PORT: count(0, 65_535).default(0),
    /** Where a worker shows its figures to this machine; 0 lets the system pick a free port. */
    TRUEUP_METRICS_PORT: count(0, 65_535).default(0),
    /** Without it, the home's embedded store is used. */
    DATABASE_URL: url(
      ['postgres:', 'postgresql:'],
      'postgres://user:password@host:5432/trueup',
    ).optional(),
    /** With it, the queue lives in Redis; without it, in PostgreSQL. */
    REDIS_URL: url(['redis:', 'rediss:'], 'redis://host:6379/0').optional(),
    /** Pins the business date (not the clock). */
    TRUEUP_TODAY: z.string().refine(isLocalDate, 'must be a date as YYYY-MM-DD').optional(),
    TRUEUP_TENANT: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens')
      .default('default'),
    /** The key-encryption key, in a file outside TRUEUP_HOME. */
    TRUEUP_KEK_FILE: path.optional(),
    /** The user's config folder, where that key lies otherwise (XDG Base Directory Specification). */
    XDG_CONFIG_HOME: path.optional(),
    TRUEUP_LOG_LEVEL: z
      .enum(['error', 'warn', 'info', 'debug'], { error: 'must be error, warn, info or debug' })
      .default('info'),
    /** The server that the command line talks to; without it, the home's own. */
    TRUEUP_URL: url(['http:', 'https:'], 'https://trueup.example.com').optional(),
    /** The API key that the command line sends. */
    TRUEUP_KEY: z.string().optional(),
    /** Connections of the store's pool, the queue's own not counted. */
    TRUEUP_POOL_SIZE: count(2, 500).default(10),
    /** Pieces of work at a time in each lane. */
    TRUEUP_WORKER_CONCURRENCY: count(1, 64).default(4),
    /** The folder that holds connectors, jobs and mappings; without it, the one that Trueup runs from. */
    TRUEUP_ROOT: path.optional(),
    /** `test` in tests, and nowhere else: what only they may ask for is refused without it. */
    NODE_ENV: z.string().optional(),
    /**
     * For tests of crashes: `NAME:n` ends the process without a word the nth time it comes by that moment, `NAME:n:STOP`
     * stops it.
     */
    TRUEUP_KILL_POINT: z
      .string()
      .refine((text) => parseKillPlan(text) !== null, 'must be a kill point as NAME:n')
      .optional(),
  })
  .refine(
    ({ NODE_ENV, TRUEUP_KILL_POINT }) => TRUEUP_KILL_POINT === undefined || NODE_ENV === 'test',
    {
      path: ['TRUEUP_KILL_POINT'],
      error:
        'ends this process on purpose, and is for tests: unset it (tests set NODE_ENV=test beside it)',
    },
  );
export type Environment = z.infer<typeof Environment>;
