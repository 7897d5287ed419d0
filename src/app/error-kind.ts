/** What an id of something that waits names, by its prefix. */
export function errorKind(id: string): 'cause' | 'record' | 'write' {
  if (id.startsWith('egr_')) return 'cause';
  return id.startsWith('err_') ? 'record' : 'write';
}
