/** One text of a source that a mutant replaces. */
export interface Edit {
  /** From the root of the repository. */
  readonly file: string;
  /** Stands there exactly once: a mutant that no longer applies is an error and no success. */
  readonly find: string;
  readonly replace: string;
}

/** A mistake that the field's tools have made; the suites must turn red over each of them. */
export interface Mutant {
  readonly name: string;
  readonly what: string;
  readonly edits: readonly Edit[];
  /** Who notices: the simulator, playing one vendor's reading alone, or a suite of its own. */
  readonly killer:
    | {
        readonly vendor: string;
        /** The seed to begin with: one that noticed it once. Those that follow are tried, too. */
        readonly from: number;
      }
    | { readonly suite: string };
  /** What the simulator says when it notices, or the name of the test that turns red. */
  readonly symptom: RegExp;
}
