/** What is known under one key: the persons, each with the facts that say so. */
export class Candidates {
  readonly #persons = new Map<string, Map<string, string[]>>();

  /** Records that `key` (an address, a number) belongs to a person, by the word of a fact. */
  add(key: string, personKey: string, factId: string): void {
    const persons = this.#persons.get(key) ?? new Map<string, string[]>();
    const facts = persons.get(personKey) ?? [];
    facts.push(factId);
    persons.set(personKey, facts);
    this.#persons.set(key, persons);
  }

  /** The persons under any of the keys, with their evidence. */
  of(keys: Iterable<string>): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, string[]>();
    for (const key of keys) {
      for (const [personKey, facts] of this.#persons.get(key) ?? []) {
        found.set(personKey, [...(found.get(personKey) ?? []), ...facts]);
      }
    }
    return found;
  }
}
