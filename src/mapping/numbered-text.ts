import { editMappingText } from './language/edit-mapping-text.ts';

/** The text with another version number; every other line stays as it is. */
export function numberedText(text: string, version: number): string {
  return editMappingText(text, [{ op: 'set', key: 'version', value: version }]);
}
