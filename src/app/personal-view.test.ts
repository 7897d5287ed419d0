import { describe, expect, test } from '@jest/globals';
import { shippedSteps } from '../../test/support/shipped-steps.ts';
import type { Json } from '../kernel/hash.ts';
import { parseMapping } from '../mapping/language/parse-mapping.ts';
import type { MappingDocument } from '../mapping/language/mapping-document.ts';
import { loadRegistry } from '../registry/load-registry.ts';
import { permissionsOf, Role } from '../security/permissions.ts';
import { personalView } from './personal-view.ts';

const registry = await loadRegistry();
const steps = await shippedSteps();

function document(rows: string, source = '{ connection: scim, object: Users }'): MappingDocument {
  return parsed(`id: acme.user\nversion: 1\nsource: ${source}\ntarget: { object: userAccount }\nfields:\n  externalRef: { from: record.id, key: true }\n  active: { from: src.active }\n${rows}`); // prettier-ignore
}
function parsed(text: string): MappingDocument {
  const result = parseMapping(text, 'test.yaml', steps);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.mapping.document;
}
const as = (role: Role, draft: MappingDocument | null, live: MappingDocument | null) =>
  personalView(registry, { permissions: permissionsOf([role]) }, 'scim', { draft, live, shipped: null }); // prettier-ignore
const field = (name: string, draft: Json, live: Json = draft, present: Json = live) => ({
  field: name,
  draft,
  live,
  present,
});

const LIVE = document('  userName: { from: src.userName, pii: true }\n  kind: { value: human }\n'); // prettier-ignore
const SEES: readonly Role[] = ['editor', 'licence-manager', 'auditor', 'admin'];
const MASK = '•••• (text of 13 characters)';

describe.each(Role.options)('to the role %s a record of a person', (role) => {
  test(`is shown ${SEES.includes(role) ? 'whole' : 'in masks'}`, () => {
    const view = as(role, LIVE, LIVE);
    const person = { id: 'u1', userName: 'ada@acme.test', active: true, emails: [{ value: 'ada@acme.test' }], nick: null }; // prettier-ignore
    const name = view.field(field('userName', 'ada@acme.test'));

    const sees = SEES.includes(role);
    expect(name).toEqual(field('userName', sees ? 'ada@acme.test' : MASK));
    expect(view.field(field('kind', 'human'))).toEqual(field('kind', 'human'));
    expect(view.source('u1', person)).toEqual(
      sees ? person : { ...person, userName: MASK, emails: [{ value: MASK }] },
    );
  });
});

describe('who may not see personal data', () => {
  test('cannot read it by taking the mark off in a draft, nor through a row with another name', () => {
    const draft = document('  userName: { from: src.userName }\n  kind: { from: src.userName }\n  displayName: { from: src.userName }\n'); // prettier-ignore
    const view = as('viewer', draft, LIVE);

    expect(view.field(field('userName', 'ada@acme.test'))).toEqual(field('userName', MASK));
    expect(view.field(field('kind', 'ada@acme.test', 'human'))).toEqual(field('kind', MASK, 'human')); // prettier-ignore
    expect(view.field(field('displayName', 'ada@acme.test', null))).toEqual(field('displayName', MASK, null)); // prettier-ignore
  });

  test('sees of a kept difference what is in effect, and of the draft only what is equal to it', () => {
    const view = as('approver', null, LIVE);

    expect(view.field(field('kind', 'ada@acme.test', 'human'))).toEqual(field('kind', MASK, 'human')); // prettier-ignore
    expect(view.field(field('kind', 'human'))).toEqual(field('kind', 'human'));
  });

  test('sees everything of a mapping that has nothing to do with people', () => {
    const order = parsed('id: acme.sku\nversion: 1\nsource: { connection: netsuite, object: salesOrder }\ntarget: { object: sku }\nfields:\n  externalRef: { from: record.id, key: true }\n  skuCode: { from: src.memo }\n  name: { from: src.memo }\n'); // prettier-ignore
    const view = personalView(registry, { permissions: permissionsOf(['viewer']) }, 'netsuite', { draft: order, live: null, shipped: null }); // prettier-ignore

    expect(view.source('1', { memo: 'call Ada' })).toEqual({ memo: 'call Ada' });
  });

  test('sees masks of a stream that nobody has declared', () => {
    const pushed = document(
      '  userName: { from: src.userName }\n',
      '{ connection: scim, object: Nobody }',
    );

    expect(as('viewer', pushed, null).source('1', { memo: 'call Ada', ok: true })).toEqual({ memo: '•••• (text of 8 characters)', ok: true }); // prettier-ignore
  });
});
