/**
 * The `code` of anything that was thrown: a SQLSTATE, or the name of a system error such as ENOENT.
 * It asks for no class, because an error that crossed a realm (a vm context) is no instance of our Error.
 */
export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
