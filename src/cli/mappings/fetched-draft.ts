/** A draft's text as it was fetched, and the version tag that it had then. */
interface FetchedText {
  readonly text: string;
  /** Null where the text does not say: it was not fetched from a draft. */
  readonly tag: string | null;
}

const MARK = /^# draft ([\x21\x23-\x7e]{1,200}): keep this line[^\n]*\n/;

/** The text with a first line that names the draft which it was made from, so that nobody's later work is lost. */
export function withTag(text: string, etag: string | null): string {
  const tag = etag?.replaceAll('"', '');
  if (tag === undefined) return text;
  return `# draft ${tag}: keep this line, so that \`trueup mappings edit --file\` knows what you saw\n${text}`;
}

/** Takes the tag off a text again. */
export function fetchedText(text: string): FetchedText {
  const mark = MARK.exec(text);
  if (mark === null) return { text, tag: null };
  return { text: text.slice(mark[0].length), tag: `"${mark[1] ?? ''}"` };
}
