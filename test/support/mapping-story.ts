import { testApi, type Answer, type TestApi } from './api.ts';

/** People around one mapping, and what they do with it through the API. Each mapping of a story has an id of its own. */
export interface MappingStory {
  readonly api: TestApi;
  /** Writes and approves. */
  readonly ana: string;
  /** Approves. */
  readonly ben: string;
  /** Administers. */
  readonly cleo: string;
  readonly viewer: string;
  /** The id of the mapping that is looked at now. */
  readonly own: string;
  /** Turns to a mapping that nobody has heard of. */
  next(): void;
  /** The mapping as a file, with rows added. */
  text(rows?: string, version?: number): string;
  put(body: object, tag: string, key?: string): Promise<Answer>;
  begin(): Promise<Answer>;
  submit(key?: string): Promise<Answer>;
  decide(id: string, verb: string, key: string, body?: object): Promise<Answer>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** A request that waits. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at answers of every shape
  waiting(): Promise<any>;
  /** Version 1 in effect. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at answers of every shape
  published(): Promise<any>;
}

/** The tag of an answer. */
export function tagOf(answer: Pick<Answer, 'headers'>): string {
  return answer.headers.get('etag') ?? '';
}

/** Starts the API with the people of a story. */
export async function mappingStory(): Promise<MappingStory> {
  const api = await testApi();
  const person = async (name: string, ...roles: Parameters<TestApi['person']>[1]) =>
    (await api.person('acme', roles, name)).key;
  const [ana, ben] = [await person('Ana', 'editor', 'approver'), await person('Ben', 'approver')];
  const [cleo, viewer] = [await person('Cleo', 'admin'), await person('Vera', 'viewer')];
  let count = 1;
  const id = (): string => `own.product-${count}`;
  const story: MappingStory = {
    api,
    ana,
    ben,
    cleo,
    viewer,
    get own() {
      return id();
    },
    next: () => {
      count += 1;
    },
    text: (rows = '', version = 1) => `# why: our part numbers live elsewhere
id: ${id()}
version: ${version}
source: { connection: acme, object: Product }
target: { object: sku }
fields:
  externalRef: { from: record.id, key: true }
  skuCode: { from: src.Code } # as printed
  name: { from: src.Name }
${rows}`,
    put: (body, tag, key = ana) =>
      api.call('PUT', `/api/v1/mappings/${id()}/draft`, {
        key,
        body,
        headers: tag === 'none' ? { 'if-none-match': '*' } : { 'if-match': tag },
      }),
    begin: () => api.call('POST', '/api/v1/mappings', { key: ana, body: { text: story.text() } }),
    submit: (key = ana) =>
      api.call('POST', `/api/v1/mappings/${id()}:submit`, { key, body: { note: 'as agreed' } }),
    decide: (change, verb, key, body) =>
      api.call('POST', `/api/v1/change-requests/${change}:${verb}`, { key, body }),
    get: (path, headers = {}) => api.call('GET', `/api/v1/${path}`, { key: viewer, headers }),
    waiting: async () => {
      await story.begin();
      return (await story.submit()).body;
    },
    published: async () => {
      const { id: change, hash } = await story.waiting();
      await story.decide(change, 'approve', ben, { hash });
      return (await story.decide(change, 'publish', ben, {})).body;
    },
  };
  return story;
}
