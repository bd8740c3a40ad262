/** Jest runs TypeScript through swc as ES modules; `tests/run.ts` adds the plain closing line. */
export default {
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  testEnvironment: '<rootDir>/tests/environment/checked-environment.ts',
  testTimeout: 60_000,
};
