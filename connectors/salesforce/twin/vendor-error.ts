import type { TwinReply } from '../../../src/sdk/twin-kit/exchange.ts';

/** A refusal in the vendor's words. In a collection it belongs to one item, else to the whole call. */
export interface VendorError {
  readonly code: string;
  readonly message: string;
  readonly fields: readonly string[];
}

export function vendorError(
  code: string,
  message: string,
  fields: readonly string[] = [],
): VendorError {
  return { code, message, fields };
}

/** Thrown where the vendor refuses the whole call. */
export class VendorRefusal extends Error {
  readonly status: number;
  readonly error: VendorError;

  constructor(status: number, error: VendorError) {
    super(error.message);
    this.status = status;
    this.error = error;
  }
}

/** An error body is an array, and its key is `errorCode`; items of a collection say `statusCode`. */
export function refusalReply(status: number, error: VendorError): TwinReply {
  const fields = error.fields.length > 0 ? { fields: error.fields } : {};
  return { status, body: [{ message: error.message, errorCode: error.code, ...fields }] };
}
