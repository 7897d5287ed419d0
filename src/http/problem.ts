import * as z from 'zod';
import { HubError } from '../kernel/errors.ts';

/** One thing that is wrong with a request. `pointer` is a JSON pointer into the body, or `path/…`, `query/…`. */
const Detail = z.object({
  pointer: z.string(),
  message: z.string(),
  code: z.string().optional(),
  hint: z.string().nullable().optional(),
  /** Of a mapping: the target field that it is about, and the line of the text. */
  row: z.string().nullable().optional(),
  line: z.number().int().nullable().optional(),
});

const Moved = z.object({ path: z.string(), approved: z.unknown(), now: z.unknown() });

/** The body of every error answer (RFC 9457), with our code and the id under which the log has it. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string(),
    requestId: z.string(),
    errors: z.array(Detail).optional(),
    /** Of a plan that is refused: each value that is another than the approved one. */
    moved: z.array(Moved).optional(),
  })
  .meta({ id: 'Problem', description: 'An error, as RFC 9457 spells it.' });
export type Problem = z.infer<typeof Problem>;

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request cannot be read',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'The world has moved',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Wrong content type',
  422: 'The request does not fit',
  428: 'Say which version you change',
  429: 'Too many requests',
  502: 'A connected system failed',
  503: 'Not available now',
};

/** What the caller may know of a failure. An unexpected one says nothing but where the log has it. */
export function problemOf(
  thrown: unknown,
  request: { readonly id: string; readonly path: string },
): Problem {
  const known = knownError(thrown);
  const status = known?.status ?? 500;
  const expected = known !== null && (status < 500 || known.code !== 'internal_error');
  const code = known?.code ?? 'internal_error';
  const errors = z.array(Detail).safeParse(known?.details['problems']);
  const moved = z.array(Moved).safeParse(known?.details['moved']);
  return {
    type: `urn:trueup:problem:${code.replaceAll('_', '-')}`,
    title: TITLES[status] ?? 'Something went wrong',
    status,
    detail: expected
      ? known.message
      : `Something went wrong in Trueup. The log has it under request ${request.id}.`,
    instance: request.path,
    code,
    requestId: request.id,
    ...(errors.success && errors.data.length > 0 ? { errors: errors.data } : {}),
    ...(moved.success && moved.data.length > 0 ? { moved: moved.data } : {}),
  };
}

/** Our own errors, and those of the body parser and the router, which carry a status of the 400s. */
function knownError(thrown: unknown): HubError | null {
  if (thrown instanceof HubError) return thrown;
  if (!(thrown instanceof Error) || !('status' in thrown)) return null;
  const { status } = thrown;
  if (typeof status !== 'number' || status < 400 || status > 499) return null;
  const message = PARSER_MESSAGES[status] ?? 'The request cannot be read.';
  return new HubError(message, {
    status,
    code: PARSER_CODES[status] ?? 'bad_request',
    retryable: false,
  });
}

const PARSER_CODES: Readonly<Record<number, string>> = {
  413: 'too_large',
  415: 'unsupported_media_type',
};
/** In our words: the parser's own quote the body, which may hold a secret. */
const PARSER_MESSAGES: Readonly<Record<number, string>> = {
  400: 'The request cannot be read: its address or its JSON is malformed.',
  413: 'The body is larger than this route takes.',
  415: 'The body has an encoding that this route does not take.',
};
