/**
 * Where the browser of the component and end-to-end tests is, and how it has to be started. One answer for both
 * @web/test-runner (puppeteer) and playwright-core.
 *
 * CHROME_PATH wins. Otherwise, on Linux x64, the binary inside @sparticuz/chromium with the system libraries and fonts
 * it brings, so that `npm ci && npm test` needs no apt. Elsewhere the tool looks for an installed Chrome itself.
 * Not the package's own argument list: it turns off web security and site isolation, and CSP tests would lie.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface ChromiumLaunch {
  /** undefined: let the tool find an installed Chrome. */
  executablePath: string | undefined;
  args: string[];
  env: Record<string, string>;
}

/** Containers have no user namespaces for the sandbox, and root may not use it; the tests load only our own pages. */
const ARGS = ['--no-sandbox'];
const ROOT = join(import.meta.dirname, '../..');
const MAX_TRIES = 5;

/** How to start the browser. The first call after `npm ci` unpacks it (about 3 seconds, 200 MB below node_modules). */
export async function chromiumLaunch(): Promise<ChromiumLaunch> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const given = process.env['CHROME_PATH'];
  if (given) {
    if (!existsSync(given)) throw new Error(`CHROME_PATH is ${given}, and there is no such file.`);
    return { executablePath: given, args: ARGS, env };
  }
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { executablePath: undefined, args: ARGS, env };
  const folder = await unpacked();
  return {
    executablePath: join(folder, 'chromium'),
    args: ARGS,
    env: {
      ...env,
      // After what is set already: the package's libraries fill gaps and replace nothing.
      LD_LIBRARY_PATH: [process.env['LD_LIBRARY_PATH'], join(folder, 'al2023/lib')].filter(Boolean).join(':'),
      FONTCONFIG_PATH: folder,
    },
  };
}

/** The folder of the unpacked browser. Two test processes may come here at once: each unpacks, one rename wins. */
async function unpacked(): Promise<string> {
  const neighbour = createRequire(import.meta.resolve('@sparticuz/chromium'));
  const { version } = neighbour('../package.json') as { version: string };
  const cache = join(ROOT, 'node_modules/.cache');
  const folder = join(cache, `chromium-${version}`);
  const complete = () => existsSync(join(folder, 'chromium'));
  if (complete()) return folder;
  // What is left of one that was removed while it ran, such as its cache of fonts.
  await rm(folder, { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(`${folder}-`);
  try {
    // The package unpacks into the temporary folder and takes whatever lies there for its own, even half a file of a
    // run that was killed. Hence a process with a temporary folder nobody else knows.
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', UNPACK], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR: staging },
    });
    await writeFile(join(staging, 'fonts.conf'), fontsConf(folder));
    await settle(staging, folder, complete);
  } catch (error) {
    throw new Error('The test browser could not be unpacked.', { cause: error });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return folder;
}

/** A browser that still runs elsewhere may put its cache of fonts into the place meanwhile: that is cleared again. */
async function settle(staging: string, folder: string, complete: () => boolean): Promise<void> {
  for (let tries = 1; !complete(); tries++) {
    try {
      await rename(staging, folder);
    } catch (error) {
      if (complete()) return;
      if (tries === MAX_TRIES) throw error;
      await rm(folder, { recursive: true, force: true });
    }
  }
}

const UNPACK = `
  import chromium, { inflate } from '@sparticuz/chromium';
  import { fileURLToPath } from 'node:url';
  await chromium.executablePath();
  await inflate(fileURLToPath(new URL('../bin/al2023.tar.br', import.meta.resolve('@sparticuz/chromium'))));
`;

/** The package's own fonts.conf expects them in /tmp and names no families. System fonts draw what it lacks. */
function fontsConf(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family><family>Liberation Mono</family></prefer></alias>
</fontconfig>
`;
}
