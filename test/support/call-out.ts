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
const { maxRSS } = process.resourceUsage();
process.stdout.write(JSON.stringify({ ended, megabytes: Math.round(maxRSS / 1024) }));
