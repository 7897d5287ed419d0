/**
 * What is wrong with the first bad row. `forged`: the hashes agree with each other and contradict a signed head.
 * `tail_cut`: a signed head proves rows that are not there. `bad_head`: a head that our key did not sign.
 */
export type FaultReason =
  | 'altered'
  | 'removed'
  | 'reordered'
  | 'inserted'
  | 'forged'
  | 'tail_cut'
  | 'bad_head';

/** The first bad row of a chain, by its place; `eventId` is null where no row stands. */
export interface ChainFault {
  readonly seq: number;
  readonly eventId: string | null;
  readonly reason: FaultReason;
  readonly message: string;
}
