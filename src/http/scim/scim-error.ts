import { HubError } from '../../kernel/errors.ts';
import type { Problem } from '../problem.ts';

/** The words of RFC 7644 §3.12 (and RFC 9865 §2.1 for cursors) for what is wrong with a request. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidCursor'
  | 'invalidCount';

const ERROR_URN = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** An error that an identity provider is told in SCIM's own words. */
export function scimError(status: number, scimType: ScimType | null, detail: string): HubError {
  return new HubError(detail, {
    status,
    code: scimType === null ? 'scim_error' : `scim_${scimType.toLowerCase()}`,
    retryable: status === 429,
    details: scimType === null ? {} : { scimType },
  });
}

/** The body of an error answer as RFC 7644 §3.12 spells it; its status is a text. */
export interface ScimErrorBody {
  readonly schemas: readonly string[];
  readonly status: string;
  readonly scimType?: string;
  readonly detail: string;
}

/** What an identity provider may know of a failure: what any caller may, as RFC 7644 spells it. */
export function scimErrorBody(
  problem: Pick<Problem, 'status' | 'detail'>,
  thrown: unknown,
): ScimErrorBody {
  const type = thrown instanceof HubError ? thrown.details['scimType'] : undefined;
  // SCIM knows no 422: what does not fit is a bad request.
  const status = problem.status === 422 ? 400 : problem.status;
  const word = typeof type === 'string' ? type : status === 400 ? 'invalidSyntax' : null;
  return {
    schemas: [ERROR_URN],
    status: String(status),
    ...(word === null ? {} : { scimType: word }),
    detail: problem.detail,
  };
}

/** True below the SCIM endpoint, where errors have SCIM's form. */
export function isScimPath(path: string): boolean {
  return path === '/scim' || path.startsWith('/scim/');
}

/** After how many seconds a refused caller may come again. */
export function retryAfterOf(thrown: unknown): string {
  const seconds = thrown instanceof HubError ? thrown.details['retryAfterSeconds'] : undefined;
  return typeof seconds === 'number' ? String(seconds) : '60';
}
