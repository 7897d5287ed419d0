import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeCliHome, type CliHome } from '../../test/support/cli.ts';
import { staffedApi, type StaffedApi } from '../../test/support/staffed-api.ts';
import { runReconciliation } from '../app/flows/run-reconciliation.ts';
import { sealAudits } from '../app/seal-audits.ts';
import { filesOf } from '../audit/evidence/pack-zip.ts';
import { verifyPack } from '../audit/evidence/verify-pack.ts';
import { decideFacts } from '../ledger/facts.ts';

// Two customers in two countries hold seats of two publishers' products; a cycle of all of it is computed, reviewed and signed.

let staffed: StaffedApi;
let cli: CliHome;
let cycleId: string;
let runId: string;
let packId: string;
let publicKey: string;
let bytes: Buffer;

const context = { tenantId: 'acme', signal: AbortSignal.timeout(600_000), hold: async () => {} };
const call = (who: string, method: string, path: string, body?: object) =>
  staffed.call(who, method, path, body);
const build = (who: string, body: object) => call(who, 'POST', 'evidence-packs', body);
const seal = () => sealAudits(staffed.api.deps, { full: true, lagSeconds: 0 });

async function download(id: string, who = 'Aud'): Promise<Buffer> {
  const answer = await fetch(`${staffed.api.url}/api/v1/evidence-packs/${id}/download`, {
    headers: { authorization: `Bearer ${staffed.keyOf(who)}` },
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
  return Buffer.from(await answer.arrayBuffer());
}

function table(zip: Uint8Array, name: string): readonly Record<string, unknown>[] {
  const [content] = filesOf(zip).get(`tables/${name}.json`) ?? [];
  return JSON.parse(Buffer.from(content ?? []).toString('utf8')) as Record<string, unknown>[];
}
const values = (zip: Uint8Array, name: string, member: string) =>
  table(zip, name).map((row) => row[member]);

async function facts() {
  await staffed.inTx(async (tx) => {
    await decideFacts(tx, 'sku', [['FIG', 'Fable'], ['ZED', 'Zoo']].map(([code = '', publisherName]) => ({
      externalRef: code, skuCode: code, name: code, publisherName, metricCode: 'user_subscription', rightsPerPack: 1, active: true,
    }))); // prettier-ignore
    await decideFacts(tx, 'organization', [['001DE', 'DE'], ['001US', 'US']].map(([ref = '', countryCode]) => ({
      externalRef: ref, legalName: `Customer ${countryCode}`, kind: 'customer' as const, countryCode,
    }))); // prettier-ignore
    const pools = ['FIG', 'ZED'].flatMap((sku) => ['001DE', '001US'].map((owner) => ({ sku, owner, ref: `e-${sku}-${owner}` }))); // prettier-ignore
    await decideFacts(tx, 'entitlement', pools.map(({ sku, owner, ref }) => ({
      externalRef: ref, posture: 'licensor' as const, skuCode: sku, ownerRef: owner, status: 'active' as const, unlimited: false, unitPrice: '100', currency: 'EUR',
      ...(ref === 'e-FIG-001DE' ? { agreementRef: 'A-1' } : {}),
    }))); // prettier-ignore
    await decideFacts(tx, 'entitlementTransaction', pools.map(({ ref }) => ({
      externalRef: `g-${ref}`, entitlementRef: ref, type: 'grant' as const, quantityDelta: '1', reason: 'the deal of Petra', validFrom: '2026-01-01',
    }))); // prettier-ignore
    await decideFacts(tx, 'agreementDocument', ['A-1', 'A-2'].map((agreementRef) => ({
      externalRef: `doc-${agreementRef}`, agreementRef, hash: 'c'.repeat(64), clauses: [],
    }))); // prettier-ignore
    await decideFacts(tx, 'seatAssignment', pools.flatMap(({ sku, owner }) => ['petra', 'quinn'].map((user) => ({
      externalRef: `${user}/${owner}/${sku}`, posture: 'licensor' as const, skuCode: sku, customerRef: owner, userAccountRef: `${user}@${owner}`, active: true,
    })))); // prettier-ignore
  });
}

async function signedCycle() {
  const opened = await call('Lena', 'POST', 'reconciliation-cycles', {
    name: 'February',
    frequency: 'monthly',
    from: '2026-02-01',
  });
  cycleId = opened.body.id;
  await call('Lena', 'POST', `reconciliation-cycles/${cycleId}:compute`, { acceptGaps: 'nothing is read here' }); // prettier-ignore
  const { now } = (await call('Lena', 'GET', `reconciliation-cycles/${cycleId}`)).body;
  runId = now.runId;
  await runReconciliation(staffed.api.deps, context, { reconciliationId: runId, asOf: now.asOf, knownAt: now.knownAt }); // prettier-ignore
  const { data } = (await call('Lena', 'GET', `reconciliation-cycles/${cycleId}/variances?limit=200`)).body; // prettier-ignore
  await call('Lena', 'POST', `reconciliation-cycles/${cycleId}:review`, { subjects: data.map(({ subject }: { subject: string }) => subject), decision: 'accepted', reason: 'Petra knows' }); // prettier-ignore
  const { hash } = (await call('Lena', 'GET', `reconciliation-cycles/${cycleId}/statement`)).body;
  for (const [who, role] of [['Luis', 'licence-manager'], ['Fay', 'finance']] as const)
    expect((await call(who, 'POST', `reconciliation-cycles/${cycleId}:sign`, { role, statementHash: hash })).status).toBe(200); // prettier-ignore
}

beforeAll(async () => {
  staffed = await staffedApi({
    Lena: ['licence-manager'], Luis: ['licence-manager'], Fay: ['finance'], Vera: ['viewer'], Aud: ['auditor'],
  }); // prettier-ignore
  cli = await makeCliHome();
  await facts();
  await signedCycle();
  await seal();
}, 240_000);
afterAll(async () => {
  await cli?.stop();
  await staffed?.close();
});

describe('a pack of a signed cycle', () => {
  test('is built and taken by those whose work is to prove something', async () => {
    const refused = [await build('Vera', { cycleId }), await build('Fay', { cycleId }), await call('Fay', 'GET', 'evidence-packs')]; // prettier-ignore
    const built = await build('Aud', { cycleId });
    packId = built.body.id;
    const shown = await call('Aud', 'GET', `evidence-packs/${packId}`);
    publicKey = shown.body.publicKey;
    bytes = await download(packId);

    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect([built.status, built.text]).toEqual([201, expect.any(String)]);
    expect(shown.body).toMatchObject({ runId, cycleId, redaction: 'none', size: bytes.length });
  });

  test('verifies without us, and holds what was signed, by whom, and the audit up to it', async () => {
    const check = await verifyPack(bytes, publicKey);
    const statement = Buffer.from(filesOf(bytes).get('statement.json')?.[0] ?? []).toString();

    expect([check.fault, check.auditFault]).toEqual([null, null]);
    expect(check.manifest).toMatchObject({ cycleId, runId, asOf: '2026-02-28', publisher: null, country: null }); // prettier-ignore
    expect(JSON.parse(statement)).toMatchObject({ run: { id: runId } });
    expect(values(bytes, 'sign-offs', 'person')).toEqual([staffed.people.get('Luis'), staffed.people.get('Fay')]); // prettier-ignore
    expect(values(bytes, 'sign-offs', 'statementHash')).toEqual(Array(2).fill(check.manifest?.statementHash)); // prettier-ignore
    expect(values(bytes, 'changes', 'action')).toContain('cycle.signed_off');
    expect(values(bytes, 'changes', 'action')).not.toContain('evidence.built');
    expect(values(bytes, 'positions', 'status')).toEqual(Array(4).fill('non_compliant'));
    expect(values(bytes, 'decisions', 'reason')).toEqual(expect.arrayContaining(['Petra knows']));
    expect(values(bytes, 'seats', 'userAccountRef')).toContain('petra@001DE');
    expect(values(bytes, 'documents', 'hash')).toEqual(Array(2).fill('c'.repeat(64)));
  });

  test('is the same, byte for byte, when it is built again, whatever was recorded since', async () => {
    await staffed.inTx(
      (tx) =>
      decideFacts(tx, 'sku', [{ externalRef: 'NEW', skuCode: 'NEW', name: 'New', rightsPerPack: 1, active: true }]), // prettier-ignore
    );
    await seal();
    const again = await build('Lena', { cycleId });
    const all = (await call('Aud', 'GET', 'evidence-packs')).body.data;

    expect([again.status, again.body.id, all.length]).toEqual([201, packId, 1]);
  });

  test('cut to a publisher, or to a country, holds nothing of the others', async () => {
    const fable = await download((await build('Aud', { cycleId, publisher: 'Fable' })).body.id);
    const usa = await download((await build('Aud', { cycleId, country: 'US' })).body.id);
    const nobody = await build('Aud', { cycleId, publisher: 'Nobody' });

    expect(values(fable, 'positions', 'skuCode')).toEqual(['FIG', 'FIG']);
    expect(new Set(values(fable, 'seats', 'skuCode'))).toEqual(new Set(['FIG']));
    expect(values(fable, 'documents', 'agreementRef')).toEqual(['A-1']);
    expect(values(usa, 'positions', 'ownerRef')).toEqual(['001US', '001US']);
    expect(values(usa, 'entitlement-transactions', 'entitlementRef')).toEqual(['e-FIG-001US', 'e-ZED-001US']); // prettier-ignore
    for (const cut of [fable, usa]) {
      expect(filesOf(cut).has('audit/chain.ndjson')).toBe(false);
      expect((await verifyPack(cut, publicKey)).fault).toBeNull();
      expect(table(cut, 'decisions').length).toBeLessThan(table(bytes, 'decisions').length);
    }
    expect([usa.includes('001DE'), fable.includes('ZED')]).toEqual([false, false]);
    expect([nobody.status, nobody.body.detail]).toEqual([422, expect.stringMatching(/would be empty/)]); // prettier-ignore
  });

  test.each(['pseudonyms', 'no_personal_data'])('with %s names nobody anywhere', async (redaction) => {
    const zip = await download((await build('Aud', { cycleId, redaction })).body.id);
    const text = [...filesOf(zip)]
      .filter(([path]) => /\.(csv|json|txt)$/.test(path))
      .map(([, [content]]) => Buffer.from(content ?? []).toString())
      .join('\n');

    expect((await verifyPack(zip, publicKey)).fault).toBeNull();
    for (const person of ['petra', 'quinn', 'Petra', ...staffed.people.values()])
      expect([person, text.includes(person)]).toEqual([person, false]);
    const seats = values(zip, 'seats', 'userAccountRef');
    const hidden = redaction === 'pseudonyms' ? 4 : 1;
    expect([seats.length, new Set(seats).size]).toEqual([8, hidden]);
    expect(values(zip, 'positions', 'shortfall')).toEqual(Array(4).fill('1'));
  }); // prettier-ignore

  test('is refused when somebody changed its run or its audit in the database', async () => {
    await staffed.admin.query(`update reconciliation_run set result_hash = repeat('0', 64) where id = $1`, [runId]); // prettier-ignore
    const otherwise = await build('Aud', { cycleId });
    await staffed.admin.query(`update reconciliation_run set result_hash = $2 where id = $1`, [runId, (await verifyPack(bytes, publicKey)).manifest?.resultHash]); // prettier-ignore
    await staffed.admin.query(`update audit_event set actor = 'person:nobody' where action = 'cycle.opened'`); // prettier-ignore
    const touched = await build('Aud', { cycleId });

    expect([otherwise.status, otherwise.body.detail]).toEqual([409, expect.stringMatching(/comes out otherwise/)]); // prettier-ignore
    expect([touched.status, touched.body.code]).toEqual([409, 'audit_broken']);
  });
});

describe('on the command line', () => {
  test('a pack is taken and checked without a server; a flipped byte and another key end with 9', async () => {
    const file = join(cli.desk, 'cycle.zip');
    const key = { TRUEUP_KEY: staffed.keyOf('Aud') };
    const taken = await cli.run(['evidence', 'download', packId, '--to', file, '--url', staffed.api.url], key); // prettier-ignore
    const twice = await cli.run(['evidence', 'download', packId, '--to', file, '--url', staffed.api.url], key); // prettier-ignore
    const whole = await cli.run(['evidence', 'verify', file, '--public-key', publicKey]);
    const bad = await readFile(file);
    const at = bad.indexOf('001DE');
    bad[at] = (bad[at] ?? 0) ^ 1;
    await writeFile(`${file}.bad`, bad);
    const flipped = await cli.run(['evidence', 'verify', `${file}.bad`, '--json']);
    const strange = await cli.run(['evidence', 'verify', file, '--public-key', 'MCow']);

    expect([taken.code, twice.code, whole.code]).toEqual([0, 2, 0]);
    expect(twice.err).toContain('there is a file of that name');
    expect(whole.out).toContain('is whole');
    expect([flipped.code, JSON.parse(flipped.out)]).toEqual([9, expect.objectContaining({ ok: false, fault: expect.objectContaining({ file: expect.stringMatching(/^tables\//), exact: true }) })]); // prettier-ignore
    expect(strange.code).toBe(9);
  }, 60_000);
});
