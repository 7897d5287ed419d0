import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { RemoteUnavailable } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { Drift } from './score.ts';

/** A twin that runs in a process of its own, as an administrator would start it with `trueup twin`. */
export interface TwinProcess {
  readonly system: string;
  readonly url: string;
  readonly credentials: {
    readonly config: JsonObject;
    readonly secrets: Readonly<Record<string, string>>;
  };
  /** Changes a record as a person at the vendor's screen would. */
  mutate(object: string, id: string, fields: JsonObject): Promise<void>;
  /** Makes the twin push changes of these objects. */
  pushTo(target: {
    readonly url: string;
    readonly secret: string;
    readonly objects: readonly string[];
  }): Promise<void>;
  records(object: string): Promise<readonly JsonObject[]>;
  planted(): Promise<readonly Drift[]>;
  /** Mutations that the twin applied, as it witnessed them. */
  oracle(): Promise<readonly JsonObject[]>;
  stop(): void;
}

/** Starts a twin with the sample company of a seed and waits until it answers. */
export async function startTwinProcess(
  launcher: string,
  system: string,
  seed: number,
): Promise<TwinProcess> {
  const child = spawn(launcher, ['twin', system, '--seed', String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await firstLine(child, system);
  const started = JSON.parse(line) as {
    url: string;
    control: string;
    credentials: TwinProcess['credentials'];
  };
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${started.control}/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok)
      throw new RemoteUnavailable(`The ${system} twin refused ${path}: ${await response.text()}`);
    return response.json();
  };
  return {
    system,
    url: started.url,
    credentials: started.credentials,
    mutate: async (object, id, fields) =>
      void (await call('POST', 'mutate', { object, operation: 'update', id, fields })),
    pushTo: async (target) => void (await call('PUT', 'hooks', target)),
    records: async (object) =>
      (await call('GET', `records?object=${object}`)) as readonly JsonObject[],
    planted: async () => (await call('GET', 'planted')) as readonly Drift[],
    oracle: async () => (await call('GET', 'oracle')) as readonly JsonObject[],
    stop: () => void child.kill('SIGTERM'),
  };
}

function firstLine(child: ChildProcess, system: string): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) {
      reject(new RemoteUnavailable(`The ${system} twin has no output.`));
      return;
    }
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) =>
      reject(
        new RemoteUnavailable(
          `The ${system} twin ended with ${code ?? 'a signal'} before it was ready.`,
        ),
      ),
    );
  });
}
