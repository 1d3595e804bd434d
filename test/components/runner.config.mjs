// @web/test-runner for the component tests: a page per test file, in the browser of test/support/chromium.ts.
// Run it through `npm run test:components`; Node then runs the imported .ts file as it is.
import { fileURLToPath } from 'node:url';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { chromeLauncher } from '@web/test-runner-chrome';
import puppeteer from 'puppeteer-core';
import { chromiumLaunch } from '../support/chromium.ts';

export default {
  rootDir: fileURLToPath(new URL('../..', import.meta.url)),
  files: ['test/components/**/*.test.ts'],
  nodeResolve: true,
  // es2022 keeps class fields native, which is what Vite and Node make of the same files.
  plugins: [esbuildPlugin({ ts: true, target: 'esnext' })],
  // puppeteer is passed in so that the version of package.json drives the browser, not one the launcher brings.
  browsers: [
    chromeLauncher({ puppeteer, launchOptions: { headless: 'shell', ...(await chromiumLaunch()) } }),
  ],
  // Two pages at a time are what two cores take; more only makes timings jump.
  concurrency: 2,
  testFramework: { config: { ui: 'bdd', timeout: 5000 } },
  // Lit's development build stays on for its checks; that it is one needs no saying in every page.
  filterBrowserLogs: ({ args }) => !String(args[0]).startsWith('Lit is in dev mode'),
};
