/** Stops the embedded store of a home; false when none runs. */
export async function stopStore(home: string): Promise<boolean> {
  // Loaded here because every command of the command line comes by this file.
  const { stopEmbedded } = await import('../db/embedded/start-embedded.ts');
  return stopEmbedded({ home });
}
