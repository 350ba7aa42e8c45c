import base from './playwright.config.ts';

// Not tests: the pictures in docs/images, taken from the running product.
export default { ...base, testDir: './screenshots', workers: 1 };
