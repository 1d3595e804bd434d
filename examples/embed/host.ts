/**
 * A host with three pages that show an approval: plain, in React, and under a strict policy with Trusted Types.
 * `npm run build && node examples/embed/host.ts`, then open the address that it prints.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { build } from 'vite';

const STRICT = "default-src 'self'; require-trusted-types-for 'script'; trusted-types lit-html";
const HERE = new URL('./', import.meta.url);
const DIST = new URL('../../dist/', import.meta.url);
const PAGES = ['plain', 'react', 'strict'];
const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  json: 'application/json',
};

/** The React page's script with everything in it, as a host's own bundler would make it. */
async function reactApp(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      rolldownOptions: {
        input: new URL('react-app.js', HERE).pathname,
        output: { format: 'es', codeSplitting: false },
      },
    },
  });
  const [output] = Array.isArray(built) ? built : [built];
  if (!output || !('output' in output)) throw new Error('Vite built nothing.');
  return output.output[0].code;
}

/** The host, not listening yet. */
export async function createHost(): Promise<Server> {
  const app = await reactApp();
  const read = async (path: string): Promise<string | Buffer | null> => {
    const name = path.slice(1);
    if (name === 'react-app.js') return app;
    if (name === '') return PAGES.map((page) => `<p><a href="/${page}.html">${page}</a></p>`).join('');
    if (/^dist\/[\w-]+\.js$/.test(name)) return readFile(new URL(name.slice(5), DIST));
    return /^[\w-]+\.(html|js|json)$/.test(name) ? readFile(new URL(name, HERE)) : null;
  };
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const type = TYPES[pathname.split('.').at(-1) ?? ''] ?? 'text/html';
    void read(pathname)
      .catch(() => null)
      .then((body) => {
        const policy = pathname === '/strict.html' ? { 'content-security-policy': STRICT } : {};
        response.writeHead(body === null ? 404 : 200, { 'content-type': type, ...policy }).end(body ?? '');
      });
  });
}

if (process.argv[1] === import.meta.filename) {
  const host = await createHost();
  host.listen(3200, '127.0.0.1', () => process.stdout.write('http://127.0.0.1:3200\n'));
}
