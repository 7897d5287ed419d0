import { once } from 'node:events';
import type { Response } from 'express';

/** One event of a stream (WHATWG server-sent events). `data` is plain JSON and is sent as one line. */
export interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** What proxies and clients need to know that the stream lives. */
const HEARTBEAT_MS = 15_000;
/** A client that takes nothing for so long is cut off; it comes back with its last id. */
const STUCK_MS = 30_000;

/**
 * Sends events until there are none, or the client leaves. The head goes out with the first event, so a failure before
 * it is still answered as a problem. A slow client is waited for: nothing piles up for it.
 */
export async function sendEvents(
  response: Response,
  events: AsyncIterable<ServerEvent>,
): Promise<void> {
  const beat = setInterval(() => {
    if (response.headersSent && !response.writableNeedDrain) response.write(': alive\n\n');
  }, HEARTBEAT_MS);
  try {
    for await (const event of events) {
      if (response.destroyed) return;
      if (!response.headersSent) begin(response);
      if (response.write(textOf(event))) continue;
      await once(response, 'drain', { signal: AbortSignal.timeout(STUCK_MS) }).catch(() =>
        response.destroy(),
      );
    }
  } finally {
    clearInterval(beat);
  }
  if (!response.headersSent) begin(response);
  response.end();
}

function begin(response: Response): void {
  response.status(200).set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Idle afterwards, the connection would keep a closing server open.
    connection: 'close',
    // For nginx, which would otherwise hold the events back until its buffer is full.
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
}

function textOf({ id, event, data }: ServerEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
