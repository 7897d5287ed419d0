import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

/** Serves ready-made answers on a free port and posts it to whoever started this worker; does nothing elsewhere. */
export function serveAnswers(
  answer: (url: URL, body: string) => Buffer | undefined,
  contentType = 'application/json;charset=UTF-8',
): void {
  if (parentPort === null) return;
  const port = parentPort;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
      const content = answer(url, Buffer.concat(chunks).toString('utf8'));
      response.writeHead(content === undefined ? 404 : 200, {
        'content-type': contentType,
        'content-length': content?.length ?? 0,
      });
      response.end(content);
    });
  });
  server.listen(0, '127.0.0.1', () => {
    port.postMessage((server.address() as AddressInfo).port);
  });
}
