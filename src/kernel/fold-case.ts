/**
 * A text as it is compared where case does not matter (SCIM's `caseExact: false`). Composed and decomposed spellings
 * of one letter are the same; look-alikes of other alphabets are not.
 */
export function foldCase(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
