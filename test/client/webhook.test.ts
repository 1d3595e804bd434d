/** Webhook signatures, made here with node:crypto and checked by the client with Web Crypto. */
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { verify, WebhookError } from '../../client/webhook.ts';
import { EVENT_TYPES } from '../../schemas/event.ts';
import { sampleApproval } from '../support/sample-approvals.ts';

const NOW_MS = Date.UTC(2030, 0, 1);
const NOW_S = NOW_MS / 1000;
const OLD = newSecret();
const NEW = newSecret();

function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

function sign(secret: string, id: string, at_s: number, body: string): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${at_s}.${body}`).digest('base64')}`;
}

function bodyOf(type: string): string {
  return JSON.stringify({
    type,
    timestamp: '2030-01-01T00:00:00.000Z',
    data: { ...sampleApproval(), sequence: 1 },
  });
}

function headersOf(body: string, secrets: string[], at_s = NOW_S, id = 'msg_1'): Record<string, string> {
  const signature = secrets.map((secret) => sign(secret, id, at_s, body)).join(' ');
  return { 'webhook-id': id, 'webhook-timestamp': String(at_s), 'webhook-signature': signature };
}

describe('a webhook', () => {
  for (const type of EVENT_TYPES) {
    it(`of type ${type} is believed when it is signed`, async () => {
      const body = bodyOf(type);
      const event = await verify(body, headersOf(body, [OLD]), OLD, { now_ms: NOW_MS });
      assert.deepEqual([event.id, event.type, event.data.sequence], ['msg_1', type, 1]);
    });
  }

  const body = bodyOf('approval.executed');

  it('is believed as bytes, with Headers, and with text beyond ASCII', async () => {
    const special = JSON.stringify({ type: 't', timestamp: 'x', data: { name: 'Žofie 🙂', sequence: 1 } });
    const headers = new Headers(headersOf(special, [OLD]));
    const event = await verify(new TextEncoder().encode(special), headers, OLD, { now_ms: NOW_MS });
    assert.equal((event.data as unknown as { name: string }).name, 'Žofie 🙂');
  });

  it('is believed by the old and the new secret while one replaces the other', async () => {
    const both = headersOf(body, [OLD, NEW]);
    for (const known of [OLD, NEW, [NEW, OLD]]) await verify(body, both, known, { now_ms: NOW_MS });
    await verify(body, headersOf(body, [OLD]), [NEW, OLD], { now_ms: NOW_MS });
    await assert.rejects(verify(body, headersOf(body, [OLD]), NEW, { now_ms: NOW_MS }), WebhookError);
  });

  it('is refused when one byte of body, id or time differs', async () => {
    const headers = headersOf(body, [OLD]);
    const wrong: [string, Record<string, string>][] = [
      [body.replace('executed', 'failed'), headers],
      [`${body} `, headers],
      [body, { ...headers, 'webhook-id': 'msg_2' }],
      [body, { ...headers, 'webhook-timestamp': String(NOW_S + 1) }],
      [body, { ...headers, 'webhook-signature': 'v1,AAAA' }],
      [body, { ...headers, 'webhook-signature': 'v1a,AAAA' }],
      [body, { ...headers, 'webhook-signature': 'nothing' }],
      [body, { ...headers, 'webhook-id': '' }],
    ];
    for (const [text, sent] of wrong) {
      await assert.rejects(verify(text, sent, OLD, { now_ms: NOW_MS }), WebhookError);
    }
  });

  it('is refused a second beyond the tolerance, either way', async () => {
    for (const [off_s, good] of [
      [-300, true],
      [300, true],
      [-301, false],
      [301, false],
    ] as const) {
      const checking = verify(body, headersOf(body, [OLD], NOW_S + off_s), OLD, { now_ms: NOW_MS });
      if (good) await checking;
      else await assert.rejects(checking, /at most 300 s is accepted/);
    }
  });

  it('that is signed and makes no sense is refused', async () => {
    for (const text of ['', '[]', '{"type":1}', 'null']) {
      await assert.rejects(verify(text, headersOf(text, [OLD]), OLD, { now_ms: NOW_MS }), WebhookError);
    }
  });

  it('is never checked with a secret that is none', async () => {
    for (const secret of ['', 'whsec_', 'whsec_short', 'whsec_***']) {
      await assert.rejects(verify(body, headersOf(body, [OLD]), secret, { now_ms: NOW_MS }), TypeError);
    }
  });
});
