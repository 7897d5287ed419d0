import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import axios, { isAxiosError, type AxiosError } from 'axios';
import { ForbiddenError, RemoteUnavailable } from '../kernel/errors.ts';
import { createEgress, type EgressOptions } from './egress.ts';
import { guardedAgents } from './guarded-agents.ts';

const OPTIONS: EgressOptions = {
  hosts: ['*'],
  allowPrivateNetwork: true,
  timeoutMs: 2000,
  maxResponseBytes: 100_000,
};

let server: Server;
let port: number;
let requests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (request.url === '/redirect')
      response.writeHead(302, { location: 'http://127.0.0.1:1/secret' }).end();
    else if (request.url === '/large') response.end('x'.repeat(200_000));
    else if (request.url === '/bomb')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(20_000_000)));
    else if (request.url === '/drip') drip(response);
    else if (request.url === '/slow') setTimeout(() => response.end('{}'), 60);
    else response.end(JSON.stringify({ host: request.headers.host }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function drip(response: {
  write(text: string): void;
  on(event: 'close', fn: () => void): void;
}): void {
  const timer = setInterval(() => response.write('x'), 50);
  response.on('close', () => clearInterval(timer));
}

function http(options: Partial<EgressOptions> = {}) {
  return createEgress({ ...OPTIONS, hosts: ['127.0.0.1', 'localhost'], ...options }).http({});
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('It was let through.');
}

/** Ways to spell an inside address, as attackers have used them. Every one must be refused. */
const INSIDE = [
  'http://127.0.0.1/', 'http://127.0.0.1:80/', 'http://127.1/', 'http://127.0.1/', 'http://127.255.255.254/',
  'http://0x7f.0.0.1/', 'http://0x7f000001/', 'http://2130706433/', 'http://017700000001/', 'http://0177.0.0.1/',
  'http://0177.0x0.0.01/', 'http://127.000.000.001/', 'http://0/', 'http://0.0.0.0/', 'http://localhost/',
  'http://LOCALHOST/', 'http://localhost./', 'http://10.0.0.1/', 'http://10.255.255.255/', 'http://172.16.0.1/',
  'http://172.31.255.255/', 'http://192.168.0.1/', 'http://192.168.255.255/', 'http://169.254.169.254/latest/meta-data/',
  'http://169.254.170.2/', 'http://0xa9fea9fe/', 'http://2852039166/', 'http://0251.0376.0251.0376/',
  'http://100.64.0.1/', 'http://100.100.100.200/', 'http://100.127.255.255/', 'http://192.0.0.192/', 'http://192.0.2.1/',
  'http://198.18.0.1/', 'http://198.51.100.1/', 'http://203.0.113.1/', 'http://224.0.0.1/', 'http://239.255.255.250/',
  'http://240.0.0.1/', 'http://255.255.255.255/', 'http://168.63.129.16/', 'http://[::1]/', 'http://[0:0:0:0:0:0:0:1]/',
  'http://[::]/', 'http://[::ffff:127.0.0.1]/', 'http://[::ffff:7f00:1]/', 'http://[0:0:0:0:0:ffff:7f00:1]/',
  'http://[::ffff:169.254.169.254]/', 'http://[::ffff:10.0.0.1]/', 'http://[::127.0.0.1]/', 'http://[::7f00:1]/',
  'http://[::ffff:0:127.0.0.1]/', 'http://[64:ff9b::7f00:1]/', 'http://[64:ff9b::169.254.169.254]/',
  'http://[64:ff9b:1::a00:1]/', 'http://[2002:7f00:1::]/', 'http://[2002:a00:1::1]/', 'http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
  'http://[2001:db8::1]/', 'http://[fc00::1]/', 'http://[fd00:ec2::254]/', 'http://[fd12:3456:789a::1]/', 'http://[fe80::1]/',
  'http://[fec0::1]/', 'http://[ff02::1]/', 'http://[100::1]/', 'http://[2001:4860::5efe:7f00:1]/',
  'http://①②⑦.⓪.⓪.①/', 'http://127。0。0。1/', 'http://ⓛocalhost/',
]; // prettier-ignore

/** Spellings that carry an address of the open internet inside: a translator on the way could lead them anywhere. */
const TUNNELS = [
  'https://[::ffff:8.8.8.8]/', 'https://[64:ff9b::8.8.8.8]/', 'https://[2002:808:808::1]/', 'https://[::8.8.8.8]/',
]; // prettier-ignore

/** Things that are no address of a web service. */
const NO_SERVICE = [
  'file:///etc/passwd', 'ftp://8.8.8.8/', 'gopher://8.8.8.8/', 'data:text/plain,x', 'blob:https://8.8.8.8/x',
  'https://user@8.8.8.8/', 'https://user:secret@8.8.8.8/', 'http://8.8.8.8/', 'not a url', '',
]; // prettier-ignore

test('each call that is sent is timed, also one that fails; one that is refused is not', async () => {
  const url = `http://127.0.0.1:${port}`;
  const seconds: number[] = [];
  const client = http({ observe: (each) => seconds.push(each) });

  await client.get(`${url}/`);
  await failureOf(client.get(`${url}/large`));
  await failureOf(client.get('http://elsewhere.example/'));

  expect(seconds).toHaveLength(2);
  expect(Math.min(...seconds)).toBeGreaterThan(0);
});

describe('without leave for private addresses', () => {
  const egress = (host: string) =>
    createEgress({ ...OPTIONS, hosts: [host], allowPrivateNetwork: false });
  const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : 'none');

  test('the corpus has at least 60 spellings of inside addresses', () => {
    expect(new Set(INSIDE).size).toBeGreaterThanOrEqual(60);
  });

  test.each([...INSIDE, ...TUNNELS])('%s is refused, also over TLS', async (url) => {
    for (const spelling of [url, url.replace('http:', 'https:')]) {
      const guard = egress(hostOf(spelling));

      expect(await failureOf(guard.assertAllowed(spelling))).toBeInstanceOf(ForbiddenError);
      expect(await failureOf(guard.http({}).get(spelling))).toBeInstanceOf(ForbiddenError);
    }
  });

  test.each(NO_SERVICE)('"%s" is refused', async (url) => {
    const guard = egress(hostOf(url));

    expect(await failureOf(guard.assertAllowed(url))).toBeInstanceOf(ForbiddenError);
    expect(await failureOf(guard.http({}).get(url))).toBeInstanceOf(ForbiddenError);
  });

  test('a name that leads inside is refused where the socket is opened, whatever the caller sets', async () => {
    const instance = egress('localhost').http({});

    const failure = await failureOf(
      instance.get(`https://localhost:${port}/`, {
        httpsAgent: undefined,
        lookup: (
          _host: string,
          _options: object,
          callback: (e: null, address: string, family: 4) => void,
        ) => callback(null, '8.8.8.8', 4),
        adapter: 'http',
        proxy: { host: '127.0.0.1', port },
        socketPath: '/var/run/docker.sock',
        maxRedirects: 5,
      }),
    );

    expect(failure).toBeInstanceOf(ForbiddenError);
    expect((failure as ForbiddenError).message).toContain('--allow-private-network');
  });

  test('the lookup for vendor libraries gives no private address', async () => {
    const error = await new Promise<Error | null>((resolve) => {
      egress('localhost').lookup('localhost', { all: true }, resolve);
    });

    expect(error).toBeInstanceOf(ForbiddenError);
  });
});

describe('with leave for private addresses', () => {
  test.each([
    'http://169.254.169.254/', 'http://[fd00:ec2::254]/', 'http://100.100.100.200/', 'http://168.63.129.16/',
    'http://[::ffff:169.254.169.254]/', 'http://[64:ff9b::a9fe:a9fe]/', 'http://0.0.0.0/', 'http://[fe80::1]/',
    'http://224.0.0.1/', 'http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/', 'http://[fd00:ec2::23]/',
    'http://[fd20:ce::254]/', 'http://[fd00:42::42]/',
  ])('%s stays refused: nothing of ours is there', async (url) => {
    const guard = createEgress({ ...OPTIONS, hosts: [new URL(url).hostname] });

    expect(await failureOf(guard.assertAllowed(url))).toBeInstanceOf(ForbiddenError);
  }); // prettier-ignore

  test('plain http leaves only to private addresses', async () => {
    const guard = createEgress({ ...OPTIONS, hosts: ['8.8.8.8', '127.0.0.1'] });

    await expect(guard.assertAllowed(`http://127.0.0.1:${port}/`)).resolves.toBeUndefined();
    expect(await failureOf(guard.assertAllowed('http://8.8.8.8/'))).toMatchObject({
      details: { reason: 'tls_required' },
    });
  });

  test('loopback is reached by address and by name', async () => {
    const byAddress = await http().get(`http://127.0.0.1:${port}/a`);
    const byName = await http().get(`http://localhost:${port}/b`);

    expect([byAddress.status, byName.status]).toEqual([200, 200]);
  });
});

describe('hosts', () => {
  const refused = async (hosts: readonly string[], url: string): Promise<boolean> =>
    (await createEgress({ ...OPTIONS, hosts })
      .assertAllowed(url)
      .catch((error: unknown) => error)) instanceof ForbiddenError;

  test.each([
    [['*.my.salesforce.com'], 'https://evil.com/'],
    [['*.my.salesforce.com'], 'https://my.salesforce.com/'],
    [['*.my.salesforce.com'], 'https://evilmy.salesforce.com/'],
    [['*.my.salesforce.com'], 'https://my.salesforce.com.evil.com/'],
    [['login.salesforce.com'], 'https://login.salesforce.com.evil.com/'],
    [['login.salesforce.com'], 'https://login-salesforce.com/'],
    [['8.8.8.8'], 'https://8.8.4.4/'],
    [[], 'https://8.8.8.8/'],
  ])('%s does not let %s through', async (hosts, url) => {
    expect(await refused(hosts, url)).toBe(true);
  });

  test('an exact address is compared as the URL parser spells it', async () => {
    expect(await refused(['8.8.8.8'], 'https://8.8.8.8/')).toBe(false);
    expect(await refused(['8.8.8.8'], 'https://134744072/')).toBe(false);
    expect(await refused(['[2606:4700:4700::1111]'], 'https://[2606:4700:4700::1111]/')).toBe(
      false,
    );
  });

  test('a name without an address is a remote that does not answer', async () => {
    const guard = createEgress({ ...OPTIONS, hosts: ['nowhere.invalid'] });

    expect(await failureOf(guard.assertAllowed('https://nowhere.invalid/'))).toBeInstanceOf(
      RemoteUnavailable,
    );
  });
});

describe('an answer', () => {
  test('that redirects is handed back and not followed', async () => {
    requests = [];

    const answer = await http().get(`http://127.0.0.1:${port}/redirect`, {
      validateStatus: () => true,
      maxRedirects: 5,
    });

    expect([answer.status, requests]).toEqual([302, ['/redirect']]);
  });

  test.each(['/large', '/bomb'])(
    'that is larger than allowed is cut off, after decompression (%s)',
    async (path) => {
      const failure = await failureOf(
        http().get(`http://127.0.0.1:${port}${path}`, { maxContentLength: 1e9 }),
      );

      expect(isAxiosError(failure) && failure.message).toContain(
        'maxContentLength size of 100000 exceeded',
      );
    },
  );

  test('that trickles in without end is cut off at the deadline', async () => {
    const started = performance.now();

    const failure = await failureOf(http({ timeoutMs: 300 }).get(`http://127.0.0.1:${port}/drip`));

    expect((failure as AxiosError).code).toBe('ETIMEDOUT');
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

test('a proxy of the environment is not used', async () => {
  const before = process.env['http_proxy'];
  process.env['http_proxy'] = 'http://127.0.0.1:1';
  try {
    const answer = await http().get(`http://127.0.0.1:${port}/direct`);

    expect(answer.status).toBe(200);
  } finally {
    if (before === undefined) delete process.env['http_proxy'];
    else process.env['http_proxy'] = before;
  }
});

test('certificates are checked whatever the environment says', () => {
  const { httpsAgent } = guardedAgents(OPTIONS, 1);

  expect(httpsAgent.options.rejectUnauthorized).toBe(true);
});

test('no more calls are in flight than the connection allows, and none is lost', async () => {
  const instance = http({ concurrency: 3 });
  let most = 0;
  let running = 0;
  server.on('request', (_request, response) => {
    running += 1;
    most = Math.max(most, running);
    response.on('finish', () => (running -= 1));
  });

  const answers = await Promise.all(
    Array.from({ length: 12 }, () => instance.get(`http://127.0.0.1:${port}/slow`)),
  );

  expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 12 }, () => 200));
  expect(most).toBe(3);
  server.removeAllListeners('request');
});

test('the global axios stays as it was', () => {
  expect(axios.defaults.maxRedirects).not.toBe(0);
});
