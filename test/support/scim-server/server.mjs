// An independent SCIM 2.0 service provider: scimmy-routers on Express 4, with code that is not ours.
// Usage: node server.mjs [--users 455] [--port 0]. Prints one line {"url","token"} and serves until killed.
// Express 4 on purpose: on Express 5 scimmy-routers 1.3 ignores startIndex and count.
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import express from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '455' },
    port: { type: 'string', default: '0' },
    token: { type: 'string', default: 'scim-server-token' },
  },
});
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const DEPARTMENTS = ['Sales', 'Finance', 'Engineering', 'Support', 'Legal'];
const CREATED = Date.parse('2026-01-05T08:00:00Z');

/** The nth person: the same for every run. */
function person(n) {
  const number = String(n).padStart(5, '0');
  const stamp = new Date(CREATED + n * 60_000).toISOString();
  const department = DEPARTMENTS[n % DEPARTMENTS.length];
  return {
    id: createHash('sha256').update(`user ${n}`).digest('hex').slice(0, 24),
    userName: `person.${number}@example.test`,
    displayName: `Person ${number}`,
    name: { givenName: 'Person', familyName: number },
    active: n % 20 !== 0,
    emails: [{ value: `person.${number}@example.test`, type: 'work', primary: true }],
    [ENTERPRISE]: {
      employeeNumber: `E${number}`,
      costCenter: `CC-${100 + (n % DEPARTMENTS.length)}`,
      department,
    },
    meta: { created: stamp, lastModified: stamp },
  };
}

const people = new Map(
  Array.from({ length: Number(values.users) }, (_, at) => person(at + 1)).map((one) => [
    one.id,
    one,
  ]),
);
const groups = new Map(
  DEPARTMENTS.map((displayName, at) => [
    `group-${at + 1}`,
    {
      id: `group-${at + 1}`,
      displayName,
      members: [...people.values()]
        .filter((one) => one[ENTERPRISE].department === displayName)
        .map(({ id, displayName: display }) => ({ value: id, display })),
      meta: {
        created: new Date(CREATED).toISOString(),
        lastModified: new Date(CREATED).toISOString(),
      },
    },
  ]),
);

const egressOf = (store) => (resource) => {
  if (resource.id === undefined) return [...store.values()];
  const found = store.get(resource.id);
  if (found === undefined) throw new Error('Not found');
  return found;
};
const readOnly = () => {
  throw new SCIMMY.Types.Error(403, null, 'This server is read-only.');
};

SCIMMY.Config.set({ bulk: false, changePassword: false });
SCIMMY.Resources.declare(SCIMMY.Resources.User)
  .extend(SCIMMY.Schemas.EnterpriseUser, false)
  .egress(egressOf(people))
  .ingress(readOnly)
  .degress(readOnly);
SCIMMY.Resources.declare(SCIMMY.Resources.Group)
  .egress(egressOf(groups))
  .ingress(readOnly)
  .degress(readOnly);

const app = express();
app.use(
  '/scim/v2',
  new SCIMMYRouters({
    type: 'bearer',
    handler: (request) => {
      if (request.header('Authorization') !== `Bearer ${values.token}`)
        throw new Error('Wrong token');
      return 'reader';
    },
  }),
);
const server = app.listen(Number(values.port), '127.0.0.1', () => {
  const { port } = server.address();
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}/scim/v2`, token: values.token }));
});
