import { HubError } from '../kernel/errors.ts';

/** How a command ended, for scripts. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  forbidden: 3,
  notFound: 4,
  conflict: 5,
  invalid: 6,
  partial: 7,
  remote: 8,
  different: 9,
  interrupted: 130,
} as const;

const BY_STATUS: Readonly<Record<number, number>> = {
  400: EXIT.usage,
  401: EXIT.forbidden,
  403: EXIT.forbidden,
  404: EXIT.notFound,
  409: EXIT.conflict,
  412: EXIT.conflict,
  413: EXIT.invalid,
  415: EXIT.usage,
  422: EXIT.invalid,
  428: EXIT.conflict,
  502: EXIT.remote,
  503: EXIT.remote,
};

/** The exit code of an HTTP status. */
export function exitOfStatus(status: number): number {
  return BY_STATUS[status] ?? EXIT.failed;
}

/** The exit code of whatever a command threw. */
export function exitOf(thrown: unknown): number {
  return thrown instanceof HubError ? exitOfStatus(thrown.status) : EXIT.failed;
}
