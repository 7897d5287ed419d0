import { readFileSync } from 'node:fs';
import axios from 'axios';
import { createEgress } from '../../src/security/egress.ts';

/** Called with a URL and a byte limit: calls it through the guard, and says how it ended and what memory it took. */
const [url = '', limit = '0'] = process.argv.slice(2);
const http = createEgress({
  hosts: ['127.0.0.1'],
  allowPrivateNetwork: true,
  timeoutMs: 20_000,
  maxResponseBytes: Number(limit),
}).http({});
const ended = await http.get(url).then(
  (answer) => `answered ${answer.status}`,
  (error: unknown) => (axios.isAxiosError(error) ? error.message : String(error)),
);
// `maxRSS` would begin with what the process that started this one held: Linux folds that in at exec.
const [, kilobytes = 'NaN'] =
  /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
process.stdout.write(JSON.stringify({ ended, megabytes: Math.round(Number(kilobytes) / 1024) }));
