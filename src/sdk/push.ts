/** One notification of a vendor's push: which record changed. A hint to read it, never a source. */
export interface PushNote {
  /** The vendor's own id of the notification; the same id is the same notification, however often it comes. */
  readonly eventId: string;
  readonly object: string;
  readonly id: string;
}

/**
 * A vendor's own way of pushing, where it cannot sign as Standard Webhooks asks. The house checks the secret part of
 * the address before anything of the body is read, keeps the notes, and only then acknowledges.
 */
export interface PushScheme<Config = unknown> {
  /** For people: `Salesforce Outbound Messages`. */
  readonly title: string;
  /**
   * The notes of one push. Throws ValidationError for a body that is none, and ForbiddenError when it comes from
   * another organisation than the connection's.
   */
  read(body: Buffer, config: Config): readonly PushNote[];
  /** What the vendor takes as "kept"; anything else makes it send again. */
  readonly acknowledgement: string;
}
