/**
 * The yardstick: Express 5 as it comes, that reads JSON and answers with the same. At `/lean/echo` the same without
 * ETag and X-Powered-By, which is the least that a server built on Express can cost.
 */
import { createServer } from 'node:http';
import express, { type Express } from 'express';

const bare = echoing(express());
const lean = echoing(express().disable('x-powered-by').set('etag', false));

function echoing(app: Express): Express {
  app.use(express.json());
  app.post(['/echo', '/lean/echo'], (request, response) => void response.status(201).json(request.body));
  return app;
}

const server = createServer((request, response) =>
  request.url?.startsWith('/lean/') ? lean(request, response) : bare(request, response),
);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  process.stdout.write(`The echo is ready at http://127.0.0.1:${port}\n`);
});
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
