/** Bounds the bodies that one sender has us hold: being read, waiting for their turn, or at work. */
export interface BodyPlaces {
  /** Takes a place and gives what leaves it; null where the sender has none left. */
  enter(sender: string): (() => void) | null;
}

/** `most` bodies of a sender at a time. */
export function createBodyPlaces(most: number): BodyPlaces {
  const taken = new Map<string, number>();
  return {
    enter: (sender) => {
      const own = taken.get(sender) ?? 0;
      if (own >= most) return null;
      taken.set(sender, own + 1);
      return () => {
        const left = (taken.get(sender) ?? 1) - 1;
        if (left === 0) taken.delete(sender);
        else taken.set(sender, left);
      };
    },
  };
}
