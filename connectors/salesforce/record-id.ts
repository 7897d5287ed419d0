const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/**
 * The 18-character form of a record id: three check characters encode which of the 15 letters are
 * capitals (Salesforce, "What are the differences between 15 and 18 digit record IDs"). We keep this form
 * only: the short one differs by letter case alone. Other texts are given back as they are.
 */
export function longId(id: string): string {
  if (id.length !== 15) return id;
  const suffix = [0, 5, 10].map((start) => {
    const bits = Array.from(id.slice(start, start + 5), (char, at) =>
      char >= 'A' && char <= 'Z' ? 1 << at : 0,
    );
    return ALPHABET[bits.reduce((sum, bit) => sum + bit, 0)] ?? 'A';
  });
  return id + suffix.join('');
}
