/**
 * A cost of several objectives, the most important first. Costs are compared lane by lane: a smaller first lane outweighs
 * whatever the others say, and no factor has to be large enough for that.
 */
export type LexCost = readonly number[];

/** Units go from supplies to demands. Every quantity and every lane of a cost is a whole number. */
export interface TransportProblem {
  /** How many objectives a cost has. */
  readonly lanes: number;
  readonly supplies: readonly number[];
  /** `unmetCost` is that of one unit which is not met. */
  readonly demands: readonly { readonly quantity: number; readonly unmetCost: LexCost }[];
  /** What may go from where to where, and what one unit costs. */
  readonly arcs: readonly {
    readonly supply: number;
    readonly demand: number;
    readonly cost: LexCost;
  }[];
}

export interface TransportSolution {
  /** The quantity on each arc of the problem. */
  readonly flows: readonly number[];
  /** What each demand does not get. */
  readonly unmet: readonly number[];
  /** What each supply does not give. */
  readonly unused: readonly number[];
}
