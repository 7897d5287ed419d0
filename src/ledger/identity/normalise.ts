/**
 * The one comparable form of an e-mail address, or null for a text that is none.
 * Only what the mail standards call equal is made equal: surrounding space, Unicode composition (NFC) and the ASCII
 * case of the domain. The local part keeps its case, its dots and its plus tag; a Turkish dotless i, a homoglyph or a
 * zero-width character keeps two addresses apart. Look-alikes are for a person to merge, never for a rule (F-71).
 */
export function normaliseEmail(text: string): string | null {
  const trimmed = text.trim().normalize('NFC');
  const at = trimmed.lastIndexOf('@');
  if (at <= 0 || at === trimmed.length - 1) return null;
  const domain = trimmed.slice(at + 1).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  return `${trimmed.slice(0, at)}@${domain}`;
}

/** The comparable form of an employee number: without surrounding space and ASCII case; null when empty. */
export function normaliseEmployeeNumber(text: string): string | null {
  const trimmed = text.trim().normalize('NFC');
  const folded = trimmed.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  return folded === '' ? null : folded;
}

/**
 * The comparable form of a company name: NFC, one space between words, no case. The legal form stays in the name:
 * "Harbour GmbH" and "Harbour Inc" are two companies.
 */
export function normaliseCompanyName(text: string): string {
  return text.normalize('NFC').trim().replaceAll(/\s+/g, ' ').toLowerCase();
}
