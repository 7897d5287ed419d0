import type { JsonObject } from '../kernel/hash.ts';

/**
 * What a vendor's event says: that something changed, never what it is now. It makes us read; the read decides.
 *
 * `gap`: something changed and the vendor lost the details. `overflow`: so much changed that it stopped telling.
 * `expired`: we were away for longer than the vendor keeps events. Both need the whole stream to be read.
 */
export interface ChangeHint {
  /** The same for the same event, however often it comes. */
  readonly eventId: string;
  /** The stream that changed. */
  readonly object: string;
  /** The record; null for the whole stream. */
  readonly id: string | null;
  readonly kind: 'change' | 'gap' | 'overflow' | 'expired';
  /** True for a change that we made ourselves. */
  readonly echo: boolean;
}

/**
 * Where to listen on, by stream; opaque to everybody but the connector, and stored with the hints it follows. Null
 * forgets a place that is of no use any more.
 */
export type ReplayPlaces = Readonly<Record<string, JsonObject | null>>;

export interface ListenOptions {
  readonly streams: readonly string[];
  /** The last stored places; a stream without one was never listened to. */
  readonly replay: ReplayPlaces;
  /** Keeps hints together with the places after them; nothing more is asked for before it resolves. */
  onHints(hints: readonly ChangeHint[], replay: ReplayPlaces): Promise<void>;
  /** Ends the listening. */
  readonly signal: AbortSignal;
}
