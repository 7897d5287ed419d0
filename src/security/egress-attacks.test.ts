import { execFile } from 'node:child_process';
import { createServer as createPlainServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { testAuthority, type TestCertificate } from '../../test/support/test-certificate.ts';
import { ForbiddenError } from '../kernel/errors.ts';
import { createEgress, type EgressOptions } from './egress.ts';
import type { Resolver } from './guarded-agents.ts';

const OPTIONS: EgressOptions = {
  hosts: ['*.example.test', '127.0.0.1', 'localhost'],
  allowPrivateNetwork: false,
  timeoutMs: 5000,
  maxResponseBytes: 100_000,
};
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server) (server as { closeAllConnections(): void }).closeAllConnections(); // prettier-ignore
    await new Promise((done) => server.close(done));
  }
});

async function serve(listener: RequestListener, tls?: TestCertificate): Promise<number> {
  const server = tls === undefined ? createPlainServer(listener) : createTlsServer(tls, listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => Promise.reject(new Error('It was let through.')),
    (error: unknown) => error,
  );
}

describe('F-26: a name that changes after it was checked', () => {
  test.each(['127.0.0.1', '169.254.169.254', '10.0.0.1', '::1', '::ffff:127.0.0.1'])(
    'to %s is refused where the socket is opened: nothing is sent, and the refusal is told',
    async (inside) => {
      let connections = 0;
      const port = await serve(() => undefined);
      servers[0]?.on('connection', () => (connections += 1));
      const answers = ['93.184.215.14', inside];
      const resolver: Resolver = (_name, _options, callback) =>
        callback(null, [{ address: answers.shift() ?? inside, family: inside.includes(':') ? 6 : 4 }]);
      const told: string[] = [];
      const egress = createEgress({ ...OPTIONS, resolver, onRefusal: (error) => told.push(error.code) });
      await egress.assertAllowed('https://api.example.test/');

      const failure = await failureOf(egress.http({}).get(`https://api.example.test:${port}/`));

      expect(failure).toBeInstanceOf(ForbiddenError);
      expect([connections, told]).toEqual([0, ['forbidden']]);
    },
  ); // prettier-ignore

  test('is refused when one of its several addresses leads inside', async () => {
    const resolver: Resolver = (_name, _options, callback) =>
      callback(null, [
        { address: '93.184.215.14', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    const egress = createEgress({ ...OPTIONS, resolver });

    const failure = await failureOf(egress.http({}).get('https://api.example.test/'));

    expect(failure).toBeInstanceOf(ForbiddenError);
  });
});

describe('F-27: a redirect', () => {
  test.each([301, 302, 303, 307, 308])(
    '%i to another server is not followed, and no token reaches that one',
    async (status) => {
      const reached: unknown[] = [];
      const decoy = await serve((request, response) => {
        reached.push(request.headers.authorization);
        response.end('{}');
      });
      const port = await serve((_request, response) =>
        response.writeHead(status, { location: `http://127.0.0.1:${decoy}/steal` }).end(),
      );
      const http = createEgress({ ...OPTIONS, allowPrivateNetwork: true }).http({
        headers: { authorization: 'Bearer a-token-of-ours' },
      });

      const answer = await http.get(`http://localhost:${port}/`, {
        maxRedirects: 5,
        validateStatus: () => true,
      });

      expect([answer.status, reached]).toEqual([status, []]);
    },
  );
});

describe('F-28: a certificate', () => {
  const known = testAuthority('Known authority');
  const before = getCACertificates('default');
  beforeAll(() => setDefaultCACertificates([...before, known.cert]));
  afterAll(() => setDefaultCACertificates(before));

  const call = async (tls: TestCertificate): Promise<{ ended: unknown; requests: number }> => {
    let requests = 0;
    const port = await serve((_request, response) => {
      requests += 1;
      response.end('{}');
    }, tls);
    const http = createEgress({ ...OPTIONS, allowPrivateNetwork: true }).http({});
    const ended = await http.get(`https://localhost:${port}/`).then(
      (answer) => answer.status,
      (error: { code?: string }) => error.code,
    );
    return { ended, requests };
  };

  test('of a known authority, for this host and in its time, is taken', async () => {
    expect(await call(known.issue('localhost'))).toEqual({ ended: 200, requests: 1 });
  });

  const day = 86_400_000;
  test.each([
    ['of an unknown authority', testAuthority('Stranger').issue('localhost'), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['that has expired', known.issue('localhost', { from: new Date(Date.now() - 9 * day), to: new Date(Date.now() - day) }), 'CERT_HAS_EXPIRED'],
    ['that is not valid yet', known.issue('localhost', { from: new Date(Date.now() + day), to: new Date(Date.now() + 9 * day) }), 'CERT_NOT_YET_VALID'],
    ['for another host', known.issue('elsewhere.example.test'), 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('%s is refused, and nothing is sent without it', async (_case, tls, code) => {
    expect(await call(tls)).toEqual({ ended: code, requests: 0 });
  }); // prettier-ignore
});

describe('memory', () => {
  const LIMIT = 16 * 1024 * 1024;
  /** In a process of its own, so that what it takes can be told. */
  const callOut = async (port: number): Promise<{ ended: string; megabytes: number }> => {
    const script = fileURLToPath(new URL('../../test/support/call-out.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [
      script,
      `http://127.0.0.1:${port}/`,
      String(LIMIT),
    ]);
    return JSON.parse(stdout) as { ended: string; megabytes: number };
  };

  test('F-29: of an answer of 2 GB no more than the limit is taken in', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    const port = await serve((_request, response) => {
      const endless = Readable.from(
        (function* () {
          for (let sent = 0; sent < 2048; sent += 1) yield megabyte;
        })(),
      );
      pipeline(endless, response, () => undefined);
    });

    const { ended, megabytes } = await callOut(port);

    expect(ended).toContain('maxContentLength size of 16777216 exceeded');
    expect(megabytes).toBeLessThan(256);
  }, 30_000);

  test('F-30: of 2 GB that are packed into 2 MB no more than the limit is unpacked', async () => {
    const packed = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const bomb = Buffer.concat(Array.from({ length: 32 }, () => packed));
    const port = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );

    const { ended, megabytes } = await callOut(port);

    expect(ended).toContain('maxContentLength size of 16777216 exceeded');
    expect(megabytes).toBeLessThan(256);
  }, 120_000);
});

test('F-29: a server that takes the request and never answers costs the time limit, not more', async () => {
  const port = await serve(() => undefined);
  const http = createEgress({ ...OPTIONS, allowPrivateNetwork: true, timeoutMs: 300 }).http({});
  const started = performance.now();

  const failure = await failureOf(http.get(`http://127.0.0.1:${port}/`));

  expect(failure).toMatchObject({ code: expect.stringMatching(/ETIMEDOUT|ECONNABORTED/) });
  expect(performance.now() - started).toBeLessThan(2000);
});
