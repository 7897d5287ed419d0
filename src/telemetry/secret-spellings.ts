/** Shorter pieces stand in ordinary text by chance. */
const SHORTEST_LINE = 12;
const SHORTEST_BASE64 = 8;

/**
 * How one secret may come back in the text of another system: as it is, escaped for JSON, percent-encoded, as base64
 * (also as a part of a longer value, such as `user:secret`), and line by line for a key in PEM form.
 */
export function spellingsOf(secret: string): readonly string[] {
  const trimmed = secret.trim();
  const lines = trimmed
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_LINE && !line.startsWith('-----'));
  const plain = [secret, trimmed, ...(lines.length > 1 ? lines : [])];
  return [
    ...new Set([
      ...plain.flatMap((text) => [
        text,
        JSON.stringify(text).slice(1, -1),
        ...percentEncoded(text),
      ]),
      ...base64Pieces(Buffer.from(trimmed, 'utf8')),
    ]),
  ];
}

/** As `encodeURIComponent` spells it, as RFC 3986 and OAuth 1.0a do, as a form does, and each in lower-case hex. */
function percentEncoded(text: string): readonly string[] {
  const usual = encodeURIComponent(text.toWellFormed());
  const strict = usual.replaceAll(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`); // prettier-ignore
  const spelled = [usual, strict, usual.replaceAll('%20', '+'), strict.replaceAll('%20', '+')];
  return [
    ...spelled,
    ...spelled.map((each) => each.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
  ];
}

/** The characters of base64 that the bytes alone decide, for each of the three places at which they may begin. */
function base64Pieces(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const own = text.slice(
      Math.ceil((before * 8) / 6),
      Math.floor(((before + bytes.length) * 8) / 6),
    );
    if (own.length < SHORTEST_BASE64) return [];
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
