/** The globals @web/test-runner gives component tests. Only what we use: @types/mocha would claim far more. */
declare function describe(title: string, body: () => void): void;
/** What it gives can have a time of its own, in ms. */
declare function it(title: string, body: () => void | Promise<void>): { timeout(ms: number): void };
declare function before(body: () => void | Promise<void>): void;
declare function after(body: () => void | Promise<void>): void;
declare function beforeEach(body: () => void | Promise<void>): void;
declare function afterEach(body: () => void | Promise<void>): void;
