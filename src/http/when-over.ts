import type { Response } from 'express';

/** Runs what it is given once a request is over: answered or left by its caller, and its work has ended. */
export type WhenOver = (release: () => void) => void;

/** The work of a request goes on when its caller leaves; only after it is what the request held free again. */
export function whenOver(response: Response): WhenOver {
  return (release) => {
    const end = (): void => {
      void Promise.allSettled([response.locals['work'] as unknown]).then(release);
    };
    // A response that has closed tells nobody of it any more.
    if (response.closed) end();
    else response.once('close', end);
  };
}
