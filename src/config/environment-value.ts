/** A variable that a person names on the command line, as the source of a secret. */
export function environmentValue(name: string): string | undefined {
  return process.env[name];
}
