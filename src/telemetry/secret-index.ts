/** Texts are found by their first characters, so that looking through a line costs the same for one and for thousands. */
const HEAD = 6;
/** Size of the filter that tells at nearly every place of a text, without a look-up, that no secret begins there. */
const SLOTS = 65_536;
/** So much of the beginning of a secret counts as the secret, where a text was cut short. */
const SHORTEST_BEGINNING = 8;

/** Secret texts, to be found in others. */
export interface SecretIndex {
  /** Texts under 6 characters are not taken. */
  add(text: string): void;
  /** The text with every secret replaced; with `beginnings` also what was left of one by a cut. */
  mask(text: string, by: string, options?: { readonly beginnings?: boolean }): string;
}

export function createSecretIndex(): SecretIndex {
  const byHead = new Map<string, Set<string>>();
  const mayBegin = new Uint8Array(SLOTS);

  const lengthAt = (text: string, at: number, beginnings: boolean): number => {
    if (mayBegin[slotOf(text, at)] === 0) return 0;
    let longest = 0;
    for (const secret of byHead.get(text.slice(at, at + HEAD)) ?? []) {
      const shared = sharedLength(secret, text, at);
      const counts = shared === secret.length || (beginnings && shared >= SHORTEST_BEGINNING);
      if (counts && shared > longest) longest = shared;
    }
    return longest;
  };

  return {
    add: (text) => {
      if (text.length < HEAD) return;
      const head = text.slice(0, HEAD);
      mayBegin[slotOf(head, 0)] = 1;
      const same = byHead.get(head);
      if (same === undefined) byHead.set(head, new Set([text]));
      else same.add(text);
    },
    mask: (text, by, { beginnings = false } = {}) => {
      if (byHead.size === 0) return text;
      let clean = '';
      let from = 0;
      for (let at = 0; at + HEAD <= text.length;) {
        const length = lengthAt(text, at, beginnings);
        if (length > 0) {
          clean += text.slice(from, at) + by;
          from = at + length;
        }
        at += Math.max(length, 1);
      }
      return clean + text.slice(from);
    },
  };
}

function slotOf(text: string, at: number): number {
  return (
    (text.charCodeAt(at) + text.charCodeAt(at + 1) * 31 + text.charCodeAt(at + 2) * 961) % SLOTS
  );
}

function sharedLength(secret: string, text: string, at: number): number {
  let length = 0;
  while (length < secret.length && secret[length] === text[at + length]) length += 1;
  return length;
}
