import type { JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinReply } from '../../../src/sdk/twin-kit/exchange.ts';

const SECTIONS: Readonly<Record<number, readonly [string, string]>> = {
  400: ['section-15.5.1', 'Bad Request'],
  401: ['section-15.5.2', 'Unauthorized'],
  403: ['section-15.5.4', 'Forbidden'],
  404: ['section-15.5.5', 'Not Found'],
  405: ['section-15.5.6', 'Method Not Allowed'],
};

/** What NetSuite says was wrong: `path` names a field of the body, `query` a parameter, `header` a header. */
export interface ProblemDetail {
  readonly code: string;
  readonly detail: string;
  readonly path?: string;
  readonly query?: string;
  readonly header?: string;
}

/** A request that the twin refuses, as an error so that the handler can stop anywhere. */
export class Refused extends Error {
  readonly status: number;
  readonly problem: ProblemDetail;

  constructor(status: number, problem: ProblemDetail) {
    super(problem.detail);
    this.name = 'Refused';
    this.status = status;
    this.problem = problem;
  }
}

export const RESOURCE = 'application/vnd.oracle.resource+json';

/** The error body of the REST services: RFC 7807 with `o:errorDetails`. */
export function problemReply(status: number, problem: ProblemDetail): TwinReply {
  const [section, title] = SECTIONS[status] ?? ['section-15', 'Error'];
  const body: JsonObject = {
    type: `https://www.rfc-editor.org/rfc/rfc9110.html#${section}`,
    title,
    status,
    'o:errorDetails': [
      {
        detail: problem.detail,
        ...(problem.query === undefined ? {} : { 'o:errorQueryParam': problem.query }),
        ...(problem.path === undefined ? {} : { 'o:errorPath': problem.path }),
        ...(problem.header === undefined ? {} : { 'o:errorHeader': problem.header }),
        'o:errorCode': problem.code,
      },
    ],
  };
  return { status, headers: { 'content-type': `${RESOURCE}; type=error; charset=UTF-8` }, body };
}
