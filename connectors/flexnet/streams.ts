import type { StreamDefinition } from '../../src/sdk/define-connector.ts';
import { NotFoundError } from '../../src/sdk/kernel.ts';

const stream = (name: string, title: string): StreamDefinition => ({
  name,
  title,
  cursor: 'full',
  pageSize: 1000,
  personalData: true,
});

export const STREAMS: readonly StreamDefinition[] = [
  stream('checkouts', 'Licences held, from the debug log'),
  stream('denials', 'Licences refused, from the debug log'),
  stream('features', 'Licences issued and in use, from lmstat'),
];

/** The stream of that name. Throws NotFoundError with the names there are. */
export function streamNamed(name: string): StreamDefinition {
  const found = STREAMS.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new NotFoundError(
    `There is no stream ${name}. A licence server has ${STREAMS.map((each) => each.name).join(', ')}.`,
  );
}
