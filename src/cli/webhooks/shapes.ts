/** An endpoint as the API shows it. */
export interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly status: string;
  readonly waiting: number;
  readonly failed: number;
  readonly deliveredAt: string | null;
  readonly previousUntil: string | null;
}

/** One event on its way to one endpoint. */
export interface Delivery {
  readonly eventId: string;
  readonly type: string;
  readonly at: string;
  readonly state: string;
  readonly attempts: number;
  readonly dueAt: string | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
}

/** The path of one endpoint. */
export function endpointPath(id: string): string {
  return `/webhook-endpoints/${encodeURIComponent(id)}`;
}
