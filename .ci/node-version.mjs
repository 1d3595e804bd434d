// Stops `npm start` and `npm test` with one sentence on a Node that can't run this project, where the alternative is
// a syntax error in the first .ts file. Written for old versions: it has to run on Node 12 to be of any use.

// The same number as "engines" in package.json: TypeScript runs as it is, and node:sqlite has what the store needs.
const NEEDED_MAJOR = 24;
const NEEDED_MINOR = 15;

const parts = process.versions.node.split('.').map(Number);
const tooOld = parts[0] < NEEDED_MAJOR || (parts[0] === NEEDED_MAJOR && parts[1] < NEEDED_MINOR);

if (tooOld) {
  console.error(
    'Countersign needs Node ' +
      NEEDED_MAJOR +
      '.' +
      NEEDED_MINOR +
      ' or newer and this is Node ' +
      process.versions.node +
      ': run `npm ci` (with install scripts allowed), which brings a fitting Node of its own, and then start' +
      ' everything through npm, such as `npm start` or `npm test`.',
  );
  process.exit(1);
}
