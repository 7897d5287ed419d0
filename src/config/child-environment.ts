/** The environment of a process that this one starts: our own, with what is given in front. */
export function childEnvironment(
  extra: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  return { ...process.env, ...extra };
}
