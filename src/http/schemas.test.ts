import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../test/support/api.ts';
import { mappingSchema } from '../mapping/language/mapping-schema.ts';

let api: TestApi;

beforeAll(async () => {
  api = await testApi();
});
afterAll(() => api.close());

describe('the schemas of files', () => {
  test('are given to an editor without a key, as they are checked here', async () => {
    const answer = await api.call('GET', '/schemas/mapping/v1.json');

    expect([answer.status, answer.body]).toEqual([
      200,
      JSON.parse(JSON.stringify(mappingSchema())),
    ]);
  });
});
