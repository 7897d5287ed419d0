import type { JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import { problemReply, Refused } from './problem.ts';

export const JOB_PATH = '/services/rest/async/v1/job';

interface Job {
  readonly id: string;
  readonly task: string;
  reply: TwinReply | null;
}

/** Asynchronous requests: what was asked for, by job and by the caller's idempotency key. */
export interface Jobs {
  /** Accepts a request that asked for `respond-async`, or refuses its second sending with the first one's place. */
  accept(request: TwinRequest, url: string, run: () => Promise<TwinReply>): TwinReply;
  /** Answers below `/services/rest/async/v1/job`. Throws `Refused`. */
  answer(path: string, url: string): TwinReply;
  reset(): void;
}

/** True if the caller wants a job instead of an answer. */
export function wantsJob(request: TwinRequest): boolean {
  return (request.headers['prefer'] ?? '').toLowerCase().includes('respond-async');
}

const notFound = (): Refused =>
  new Refused(404, { code: 'NONEXISTENT_ID', detail: 'The asynchronous job does not exist.' });

export function createJobs(): Jobs {
  let jobs = new Map<string, Job>();
  let byKey = new Map<string, string>();

  const place = (url: string, id: string): string => `${url}${JOB_PATH}/${id}`;
  const status = (job: Job, url: string): TwinReply => {
    const done = job.reply !== null;
    const body: JsonObject = {
      id: job.id,
      completed: done,
      progress: done ? 'succeeded' : 'processing',
      task: { links: [{ rel: 'self', href: `${place(url, job.id)}/task/${job.task}` }] },
    };
    return { status: 200, body };
  };
  return {
    accept: (request, url, run) => {
      const key = request.headers['x-netsuite-idempotency-key'];
      const first = key === undefined ? undefined : byKey.get(key);
      if (first !== undefined) {
        const reply = problemReply(400, { code: 'IDEMPOTENCY_ERROR', detail: 'The idempotency key was used before; see Location for its job.', header: 'X-NetSuite-Idempotency-Key' }); // prettier-ignore
        return {
          ...reply,
          headers: { ...reply.headers, location: place(url, first) },
          body: { ...(reply.body as JsonObject), title: 'Conflict' },
        };
      }
      const id = String(jobs.size + 1);
      const job: Job = { id, task: `${id}001`, reply: null };
      jobs.set(job.id, job);
      if (key !== undefined) byKey.set(key, job.id);
      void run().then((reply) => {
        job.reply = reply;
      });
      return { status: 202, headers: { location: place(url, job.id) }, body: null };
    },
    answer: (path, url) => {
      const [id = '', part, task, result] = path.slice(JOB_PATH.length + 1).split('/');
      const job = jobs.get(id);
      if (job === undefined) throw notFound();
      if (part === undefined) return status(job, url);
      if (part !== 'task') throw notFound();
      if (task === undefined) return { status: 200, body: { items: [{ id: job.task }] } };
      if (task !== job.task || job.reply === null) throw notFound();
      return result === 'result' ? job.reply : status(job, url);
    },
    reset: () => {
      jobs = new Map();
      byKey = new Map();
    },
  };
}
