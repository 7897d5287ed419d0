import type { Json } from '../../kernel/hash.ts';

/** One request as a twin sees it. */
export interface TwinRequest {
  readonly method: string;
  /** Path without the query, percent-decoding left to the twin. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Buffer;
}

/** What a twin answers. */
export interface TwinReply {
  readonly status: number;
  /** A repeated header is an array. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Text and bytes go out as they are, anything else as JSON; null is an empty body. */
  readonly body: Json | Buffer;
}

export type TwinHandler = (request: TwinRequest) => Promise<TwinReply> | TwinReply;
