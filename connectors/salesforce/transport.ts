import { PassThrough } from 'node:stream';
import { isAxiosError, type AxiosInstance, type AxiosResponse } from 'axios';
import { Transport } from 'jsforce/lib/transport.js';
import type { HttpRequest, HttpResponse } from 'jsforce/lib/types/common.js';
import { StreamPromise } from 'jsforce/lib/util/promise.js';
import { retryAfter } from '../../src/sdk/json-client.ts';
import { messageOf, RateLimited, RemoteUnavailable } from '../../src/sdk/kernel.ts';
import { hubErrorIn } from './errors.ts';

/** Network failures after which the request cannot have reached Salesforce. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

function headersOf(response: AxiosResponse): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

const JSON_TYPE = 'application/json';

/** What an answer may be where it is not plain JSON, and who may end the wait for it. */
export interface TextOptions {
  /** The content type that counts as an answer. */
  readonly accept: string;
  readonly signal?: AbortSignal | undefined;
}

/** A login page, a proxy's greeting or a redirect is not an answer of the API, whatever its status says. */
function refuseNonAnswer(response: AxiosResponse, url: URL, now: Date, accept: string): void {
  const { status } = response;
  const type = String(response.headers['content-type'] ?? '');
  if (status === 429) {
    const at = retryAfter(response.headers['retry-after'], now);
    throw new RateLimited(
      `Salesforce asks to slow down (429 from ${url.host}).`,
      at === undefined ? {} : { retryAt: at },
    );
  }
  if (status > 300 && status < 400)
    throw new RemoteUnavailable(
      `${url.host} answered with a redirect (${status}), which is not followed. Set the My Domain address as loginUrl or instanceUrl.`,
    );
  if (status < 300 && status !== 204 && !type.startsWith(accept))
    throw new RemoteUnavailable(
      `${url.host} answered with ${type || 'no content type'} instead of ${accept === JSON_TYPE ? 'JSON' : accept}. Check that the address is the API's and the organisation is reachable.`,
    );
}

/** An answer of any kind that came back; times of our monotonic clock. */
export interface HeardAnswer {
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sent: number;
  readonly received: number;
}

/**
 * jsforce's way to the network, replaced: every request of a connection goes through the guarded HTTP client
 * of its own egress. jsforce's own client is global to the process, follows redirects, takes proxies from the
 * environment, retries by itself, and does not survive a body that is cut off. Ours does none of it:
 * a request is sent once, and who may try again is decided above.
 */
export class GuardedTransport extends Transport {
  readonly #http: AxiosInstance;
  readonly #now: () => Date;
  readonly #heard: (answer: HeardAnswer) => void;

  constructor(http: AxiosInstance, now: () => Date, heard: (answer: HeardAnswer) => void) {
    super();
    this.#http = http;
    this.#now = now;
    this.#heard = heard;
  }

  override httpRequest(request: HttpRequest): StreamPromise<HttpResponse> {
    return StreamPromise.create(() => ({
      stream: new PassThrough(),
      promise: this.#send(request, { accept: JSON_TYPE }),
    }));
  }

  /** One request outside jsforce, under the same rules; its answer may be of another type than JSON. */
  text(request: HttpRequest, options: TextOptions): Promise<HttpResponse> {
    return this.#send(request, options);
  }

  async #send(request: HttpRequest, options: TextOptions): Promise<HttpResponse> {
    const url = new URL(request.url);
    const sent = performance.now();
    const response = await this.#exchange(request, url, options.signal);
    const headers = headersOf(response);
    this.#heard({ origin: url.origin, headers, sent, received: performance.now() });
    refuseNonAnswer(response, url, this.#now(), options.accept);
    const { status, data } = response;
    return {
      statusCode: status,
      headers,
      body: typeof data === 'string' ? data : '',
    };
  }

  async #exchange(
    request: HttpRequest,
    url: URL,
    signal: AbortSignal | undefined,
  ): Promise<AxiosResponse> {
    try {
      return await this.#http.request({
        url: request.url,
        method: request.method,
        headers: request.headers ?? {},
        data: request.body ?? undefined,
        responseType: 'text',
        transformRequest: [(data: unknown) => data],
        transformResponse: [(data: unknown) => data],
        validateStatus: () => true,
        maxRedirects: 0,
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      const known = hubErrorIn(error);
      if (known !== undefined) throw known;
      if (!isAxiosError(error)) throw error;
      throw new RemoteUnavailable(
        `${url.host} cannot be reached or broke off (${error.code ?? messageOf(error)}). Check the address, the network and status.salesforce.com.`,
        {
          cause: error.cause ?? messageOf(error),
          details: { sent: !NEVER_SENT.has(error.code ?? '') },
        },
      );
    }
  }
}
