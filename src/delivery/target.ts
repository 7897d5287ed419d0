/** Where a batch of intents goes. */
export interface Target {
  readonly connection: string;
  readonly object: string;
}
