import base from './playwright.config.ts';

// Not tests: how fast the client is, see docs/performance.md. One at a time, so that they do not slow each other.
export default {
  ...base,
  testDir: './bench',
  workers: 1,
  timeout: 300_000,
  reporter: [['./bench/table.ts']] as [string][],
};
