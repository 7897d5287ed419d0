export default {
  testEnvironment: 'node',
  roots: [
    '<rootDir>/src',
    '<rootDir>/connectors',
    '<rootDir>/mappings',
    '<rootDir>/jobs',
    '<rootDir>/test',
  ],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/support/scim-server/',
    // Fault cases that take minutes: `npm run faults` runs them.
    '<rootDir>/test/faults/whole/',
  ],
  modulePathIgnorePatterns: ['<rootDir>/.trueup/', '<rootDir>/test/support/scim-server/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/jest-transform.js' },
  testSequencer: '<rootDir>/test/support/longest-first.ts',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  maxWorkers: 2,
  testTimeout: 30_000,
  collectCoverageFrom: ['src/**/*.ts', 'connectors/**/*.ts', 'mappings/**/*.ts', 'jobs/**/*.ts'],
  coverageProvider: 'v8',
};
