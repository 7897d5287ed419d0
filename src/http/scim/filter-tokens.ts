import { scimError } from './scim-error.ts';

/** A piece of a filter or path (RFC 7644 §3.4.2.2). */
export type Token =
  | { readonly kind: '(' | ')' | '[' | ']' | '.' }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'value'; readonly value: string | number }
  | { readonly kind: 'end' };

const MOST_CHARACTERS = 4096;
const SPACE = /\s+/y;
const STRING = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.:])/y;
/** An attribute path, an operator, true, false or null. */
const WORD = /\$?[A-Za-z](?:[\w:$-]|\.(?=[\w$]))*/y;
const SIGN = /[()[\].]/y;

/** Cuts a filter or path into tokens. Throws invalidFilter or invalidPath, as the caller says, with the place. */
export function tokensOf(text: string, wrong: 'invalidFilter' | 'invalidPath'): readonly Token[] {
  if (text.length > MOST_CHARACTERS) {
    throw scimError(400, wrong, `This is longer than ${MOST_CHARACTERS} characters.`);
  }
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    at += found?.length ?? 0;
    return found;
  };
  while (at < text.length) {
    if (take(SPACE) !== null) continue;
    const token = signOf(take(SIGN)) ?? stringOf(take(STRING)) ?? numberOf(take(NUMBER)) ?? wordOf(take(WORD)); // prettier-ignore
    if (token === null) throw scimError(400, wrong, `Character ${at + 1} makes no sense here.`);
    if (token.kind === 'value' && String(token.value).includes('\u0000')) {
      throw scimError(400, wrong, 'No text holds a NUL character.');
    }
    tokens.push(token);
  }
  return [...tokens, { kind: 'end' }];
}

function signOf(text: string | null): Token | null {
  return text === null ? null : { kind: text as '(' | ')' | '[' | ']' | '.' };
}

function stringOf(text: string | null): Token | null {
  return text === null ? null : { kind: 'value', value: String(JSON.parse(text)) };
}

function numberOf(text: string | null): Token | null {
  return text === null ? null : { kind: 'value', value: Number(text) };
}

function wordOf(text: string | null): Token | null {
  return text === null ? null : { kind: 'word', text };
}
