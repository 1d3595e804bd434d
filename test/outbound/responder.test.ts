/** INVARIANT: a question is always answered; where the model is silent or broken, the request itself answers. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { createGuard } from '../../server/outbound/guard.ts';
import { createOpenAiResponder } from '../../server/outbound/responder.ts';
import { createOutbound } from '../../server/outbound/send.ts';
import { pending } from '../support/kernel.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const approval = pending({ reasoning: 'Invoice 7781 is due.', cost: { usd: 12 } });

async function startModel(listener: RequestListener): Promise<{ base_url: string; server: Server }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { base_url: `http://127.0.0.1:${port}/v1`, server };
}

describe('a configured model', () => {
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) server.close();
  });
  const ask = async (listener: RequestListener, allow = ['127.0.0.1']) => {
    const { base_url, server } = await startModel(listener);
    servers.push(server);
    const outbound = createOutbound(createGuard(allow));
    const model = createOpenAiResponder({ base_url, api_key: 'k', model: 'm1' }, outbound, quiet);
    return model.answer(approval, 'What does it cost?').finally(outbound.close);
  };

  test('answers, and is told apart from the agent', async () => {
    let asked: IncomingMessage | null = null;
    let sent = '';
    const answer = await ask((request, response) => {
      asked = request;
      void text(request).then((body) => {
        sent = body;
        response.end(JSON.stringify({ choices: [{ message: { content: ' It costs 12 USD. ' } }] }));
      });
    });
    assert.match(answer.content, /^Answered by m1 from the request, not by the agent\.\nIt costs 12 USD\.$/);
    assert.equal(answer.by.id, 'model:m1');
    const request = asked as IncomingMessage | null;
    assert.equal(request?.url, '/v1/chat/completions');
    assert.equal(request?.headers.authorization, 'Bearer k');
    assert.ok(sent.includes('Invoice 7781') && !sent.includes(approval.workspace_id));
  });

  test('at a private address that the operator did not list is not called', async () => {
    let called = false;
    const answer = await ask((_request, response) => {
      called = true;
      response.end();
    }, []);
    assert.equal(answer.by.id, 'context');
    assert.equal(called, false);
  });

  for (const [name, listener] of Object.entries<RequestListener>({
    'that fails': (_request, response) => response.writeHead(500).end(),
    'that answers nothing': (_request, response) => response.end('{"choices":[]}'),
    'that answers no JSON': (_request, response) => response.end('<html>'),
    'that sends elsewhere': (_request, response) =>
      response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end(),
    'that hangs up': (request) => request.socket.destroy(),
  })) {
    test(`${name} is stood in for by the request itself`, async () => {
      const answer = await ask(listener);
      assert.equal(answer.by.id, 'context');
      assert.match(answer.content, /Cost: USD 12\./);
    });
  }
});
