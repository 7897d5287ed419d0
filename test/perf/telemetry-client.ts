import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * Sends batches of CloudEvents over kept connections, as a fleet of products does, in a thread of its own: what is
 * measured is the server. Told a path and a number of batches, it answers with the sums of what the server took.
 */

interface Setup {
  readonly port: number;
  readonly key: string;
  readonly batchSize: number;
  readonly connections: number;
}

interface Order {
  readonly path: string;
  readonly batches: number;
}

const { port, key, batchSize, connections } = workerData as Setup;
const agent = new Agent({ keepAlive: true, maxSockets: connections });
let next = 0;

function batch(): Buffer {
  const time = new Date().toISOString();
  const events = Array.from({ length: batchSize }, () => {
    next += 1;
    return {
      specversion: '1.0',
      id: `0197c3e5-${String(next).padStart(12, '0')}`,
      source: `/instances/prod-${next % 20}`,
      type: 'com.acme.api.called',
      time,
      subject: `user-${next % 500}`,
      datacontenttype: 'application/json',
      data: { calls: next % 7, region: 'eu1', plan: 'enterprise' },
    };
  });
  return Buffer.from(JSON.stringify(events));
}

function send(path: string, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { port, path, agent, method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/cloudevents-batch+json', 'content-length': body.length } }, // prettier-ignore
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => {
          if (response.statusCode === 202)
            resolve((JSON.parse(text) as { accepted: number }).accepted);
          else reject(new Error(`${path} answered ${response.statusCode}: ${text.slice(0, 300)}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function carryOut({ path, batches }: Order, bodies: readonly Buffer[]): Promise<number> {
  let at = 0;
  let accepted = 0;
  const line = async (): Promise<void> => {
    for (let own = at++; own < batches; own = at++) {
      const took = await send(path, bodies[own] as Buffer);
      accepted += took;
    }
  };
  await Promise.all(Array.from({ length: connections }, line));
  return accepted;
}

const port_ = parentPort;
let ready: readonly Buffer[] = [];
port_?.on('message', (message: { readonly prepare: number } | Order) => {
  if ('prepare' in message) {
    ready = Array.from({ length: message.prepare }, batch);
    port_.postMessage('prepared');
    return;
  }
  carryOut(message, ready).then(
    (accepted) => port_.postMessage(accepted),
    (error: unknown) => port_.postMessage(String(error)),
  );
});
