/** Names that hang together, by what joins them two and two. */
export class Unions {
  readonly #above = new Map<string, string>();

  /** The one name that stands for all that hang together with the given one. */
  find(name: string): string {
    let top = name;
    for (let next = this.#above.get(top); next !== undefined; next = this.#above.get(top))
      top = next;
    for (let at = name; at !== top;) {
      const next = this.#above.get(at) ?? top;
      this.#above.set(at, top);
      at = next;
    }
    return top;
  }

  join(one: string, other: string): void {
    const [top, below] = [this.find(one), this.find(other)];
    if (top !== below) this.#above.set(below, top);
  }
}
