import * as z from 'zod';
import type { ConnectorSession, WriterDefinition } from '../../src/sdk/define-connector.ts';
import { isObject, type JsonClient } from '../../src/sdk/json-client.ts';
import { RemoteRejected, type Json, type JsonObject } from '../../src/sdk/kernel.ts';
import { describeSeat, readSeatKey } from '../../src/sdk/seat-key.ts';
import type { ReadBackRecord, WriteRequest } from '../../src/sdk/write.ts';
import { writeEach } from '../../src/sdk/write-outcome.ts';
import type { Reader } from './reader.ts';
import type { SkuNames } from './rows.ts';

const Fields = z.strictObject({
  assigned: z.boolean().optional(),
  /** False: the licence stays with the user and every service of it is switched off. */
  enabled: z.boolean().optional(),
  /** The services that are switched off, where they are not all. */
  disabledPlans: z.array(z.string()).optional(),
});
type Fields = z.infer<typeof Fields>;

/** `sku` is the part number, such as ENTERPRISEPACK. */
const KEYS = ['user', 'sku'] as const;

/**
 * Licences of users. Graph gives users no entity tag, and setting a licence twice is setting it once; what is there is
 * read right before each write all the same.
 */
export const LICENCE_WRITER: WriterDefinition = {
  object: 'userLicenses',
  title: 'Licences of users',
  externalIdField: null,
  intentField: null,
  batch: 20,
  money: true,
};

type Products = ReadonlyMap<string, SkuNames>;
type Source = Pick<Reader, 'products' | 'licencesOf'>;

/** Assigns licences and takes them back. Every method throws the remote errors of the client. */
export function licenceWriter(
  client: JsonClient,
  reader: Source,
  timeoutMs: number,
): Pick<ConnectorSession, 'describe' | 'write' | 'readBack'> & {
  readonly objects: readonly string[];
} {
  return {
    objects: [LICENCE_WRITER.object],
    describe: async (object) =>
      describeSeat(object, LICENCE_WRITER.title, KEYS, Object.keys(Fields.shape)),
    write: async (_object, requests) => {
      let products: Promise<Products> | null = null;
      const known = (): Promise<Products> => (products ??= reader.products());
      return writeEach(requests, timeoutMs, (request) => assign(client, known, request));
    },
    readBack: (_object, _externalIds, vendorIds = []) => held(reader, vendorIds),
  };
}

async function assign(
  client: JsonClient,
  products: () => Promise<Products>,
  { vendorId, fields }: WriteRequest,
): Promise<{ readonly warnings: readonly string[] }> {
  const asked = fieldsOf(fields);
  if (Object.keys(asked).length === 0) return { warnings: [] };
  const { user, sku } = readSeatKey(vendorId, KEYS);
  const known = [...(await products())].find(([, { partNumber }]) => partNumber === sku);
  if (known === undefined)
    throw new RemoteRejected(`Microsoft provides no ${sku} to this directory.`, { field: 'sku' });
  const [skuId, { plans }] = known;
  const body: JsonObject =
    asked.assigned === false
      ? { addLicenses: [], removeLicenses: [skuId] }
      : { addLicenses: [{ skuId, disabledPlans: plansOff(asked, plans) }], removeLicenses: [] };
  await client.change('POST', `/v1.0/users/${encodeURIComponent(user)}/assignLicense`, body);
  return { warnings: [] };
}

function plansOff(
  { enabled, disabledPlans }: Fields,
  plans: ReadonlySet<string>,
): readonly string[] {
  return enabled === false ? [...plans] : (disabledPlans ?? []);
}

function fieldsOf(fields: JsonObject): Fields {
  const parsed = Fields.safeParse(fields);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = String(issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path[0]);
  throw new RemoteRejected(`A licence has no ${field} that could be written so.`, { field });
}

async function held(
  reader: Source,
  vendorIds: readonly string[],
): Promise<readonly ReadBackRecord[]> {
  const asked = vendorIds.flatMap((vendorId) => {
    const parts = new URLSearchParams(vendorId);
    const [user, sku] = [parts.get('user'), parts.get('sku')];
    return user === null || sku === null ? [] : [{ vendorId, user, sku }];
  });
  if (asked.length === 0) return [];
  const products = await reader.products();
  const users = await reader.licencesOf([...new Set(asked.map(({ user }) => user))]);
  return asked.map(({ vendorId, user, sku }) => ({
    externalId: vendorId,
    intentId: null,
    vendorId,
    fields: licenceIn(users.get(user) ?? [], sku, products),
    version: null,
  }));
}

/** A licence as it is, in the words of `Fields`. */
function licenceIn(assigned: readonly Json[], sku: string, products: Products): JsonObject {
  const found = assigned.filter(isObject).find(({ skuId }) => typeof skuId === 'string' && products.get(skuId)?.partNumber === sku); // prettier-ignore
  if (found === undefined) return { assigned: false };
  const { skuId, disabledPlans } = found;
  const listed = Array.isArray(disabledPlans) ? (disabledPlans as readonly Json[]) : [];
  const off = new Set(listed.filter((each) => typeof each === 'string'));
  const plans = [...(products.get(String(skuId as string))?.plans ?? [])];
  const enabled = plans.length === 0 || plans.some((plan) => !off.has(plan));
  return {
    assigned: true,
    enabled,
    disabledPlans: [...off].toSorted((left, right) => (left < right ? -1 : 1)),
  };
}
