import type { JsonObject } from '../../../src/sdk/kernel.ts';
import { ValidationError } from '../../../src/sdk/kernel.ts';
import type { TwinReply } from '../../../src/sdk/twin-kit/exchange.ts';

/** The `scimType` words of RFC 7644 §3.12 and RFC 9865 §2.1 that this server uses. */
export type ScimType =
  | 'expiredCursor'
  | 'invalidCount'
  | 'invalidCursor'
  | 'invalidFilter'
  | 'invalidPath'
  | 'invalidSyntax'
  | 'invalidValue'
  | 'mutability'
  | 'noTarget'
  | 'uniqueness';

export const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';
export const MEDIA_TYPE = 'application/scim+json; charset=utf-8';

/** A refusal to be thrown anywhere below the handler, which turns it into the error body of RFC 7644 §3.12. */
export function refuse(
  status: number,
  detail: string,
  scimType: ScimType | null = null,
): ValidationError {
  return new ValidationError(detail, { details: { scimStatus: status, scimType } });
}

/** Adds the SCIM media type to an answer. */
export function reply(
  status: number,
  body: JsonObject | null,
  headers: Readonly<Record<string, string>> = {},
): TwinReply {
  return { status, body, headers: { 'content-type': MEDIA_TYPE, ...headers } };
}

/** The error answer for a refusal; anything else is a defect of the twin and is thrown on. */
export function errorReply(error: unknown): TwinReply {
  if (!(error instanceof ValidationError)) throw error;
  const status = Number(error.details['scimStatus'] ?? 400);
  const scimType = error.details['scimType'];
  const body = {
    schemas: [ERROR_SCHEMA],
    // RFC 7644 §3.12: the HTTP status as a JSON string.
    status: String(status),
    ...(typeof scimType === 'string' ? { scimType } : {}),
    detail: error.message,
  };
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer realm="scim"' } : {};
  return reply(status, body, challenge);
}
