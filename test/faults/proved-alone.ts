/**
 * Cases that are proved beside the code of their cause, and why the invariants say nothing of them. Every other case has to
 * leave a verdict on the invariants: one that was passed without a look at them has failed.
 */
export const PROVED_ALONE: ReadonlyMap<number, string> = new Map([
  [8, 'a token that is not kept opens no session: no record is read or written with it'],
  [9, 'a store that is not of this version refuses the start: nothing runs'],
  [26, 'no byte leaves: the refusal comes before the socket is open'],
  [28, 'no byte of a request leaves: the refusal comes with the handshake'],
  [38, 'what is proved is the pages of one query, counted against the rows of the account'],
]);
