import type { AxiosResponse } from 'axios';
import {
  defineConnector,
  type ConnectorContext,
  type ConnectorSession,
} from '../../src/sdk/define-connector.ts';
import { createJsonClient, jsonHttp, retryAfter } from '../../src/sdk/json-client.ts';
import { RateLimited } from '../../src/sdk/kernel.ts';
import { readOnlySession, tried, type ReadOnlySource } from '../../src/sdk/read-only.ts';
import { CopilotConfig, CopilotSecrets } from './config.ts';
import { createReader } from './reader.ts';
import { SEAT_WRITER, seatWriter } from './seat-writer.ts';
import { FIELDS, STREAMS, streamsOf } from './streams.ts';

const LIMITS = { concurrency: 1, timeoutMs: 60_000, maxResponseBytes: 16 * 1024 * 1024 };
const RIGHTS = 'Use a token of an owner, with manage_billing:copilot or read:enterprise.';

/** GitHub tells both of its limits as 403 or 429: with `retry-after`, or with none left until `x-ratelimit-reset`. */
function rateLimit(answer: AxiosResponse<string>, now: Date): RateLimited | null {
  if (answer.status !== 403 && answer.status !== 429) return null;
  const { headers } = answer;
  const reset = Number(headers['x-ratelimit-reset']);
  const isSpent = headers['x-ratelimit-remaining'] === '0' && Number.isFinite(reset);
  const retryAt = retryAfter(headers['retry-after'], now) ?? (isSpent ? new Date(reset * 1000) : undefined); // prettier-ignore
  if (answer.status === 403 && retryAt === undefined) return null;
  return new RateLimited(
    `GitHub asks to slow down (${answer.status}).`,
    retryAt === undefined ? {} : { retryAt },
  );
}

/** Opens an organisation or enterprise. Sends nothing until it is asked for something. */
function openSession(context: ConnectorContext<CopilotConfig, CopilotSecrets>): ConnectorSession {
  const { config, secrets, egress, clock } = context;
  const http = jsonHttp(egress, config.apiUrl, LIMITS);
  const client = createJsonClient({
    http,
    name: 'GitHub',
    clock,
    authorize: () => Promise.resolve(`Bearer ${secrets.token}`),
    refusal: (answer) => rateLimit(answer, clock.now()),
  });
  const reader = createReader(client, config);
  const source: ReadOnlySource = {
    system: 'GitHub Copilot',
    streams: STREAMS,
    mode: 'full',
    fields: FIELDS,
    ...reader,
    check: async () => {
      const login = await tried(
        'login',
        RIGHTS,
        async () => `${await reader.count('seats')} seats`,
      );
      if (!login.ok) return [login];
      const reads = [];
      for (const name of streamsOf(config)) {
        const read = async (): Promise<string> => `${(await reader.page(name, null)).records.length} records`; // prettier-ignore
        reads.push(await tried(`read ${name}`, RIGHTS, read));
      }
      return [login, ...reads];
    },
  };
  return readOnlySession(source, seatWriter(client, reader, config, LIMITS.timeoutMs));
}

export default defineConnector({
  id: 'github-copilot',
  title: 'GitHub Copilot seats',
  role: 'usage',
  config: CopilotConfig,
  secrets: CopilotSecrets,
  streams: STREAMS,
  writers: [SEAT_WRITER],
  limits: LIMITS,
  streamsOf,
  hosts: ({ apiUrl }) => [new URL(apiUrl).hostname],
  open: async (context) => openSession(context),
});
