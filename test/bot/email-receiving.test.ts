/** Receiving, without a server: what is acknowledged when, and who hears of what can't be done at all. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createReceiving } from '../../bot/email/receiving.ts';
import type { ChannelDoor, Inbound, InboundOutcome, MailIn } from '../../server/core/channel-ports.ts';
import { OWN, reply } from '../support/mail-in-bench.ts';

const TO = `approvals+q-${'k'.repeat(43)}@example.com`;

function receivingWith(more: Partial<MailIn> = {}, keep?: ChannelDoor['keep']) {
  const said: string[] = [];
  const kept: Inbound[] = [];
  const mail_in: MailIn = {
    refusalOf: () => Promise.resolve(null),
    take: async () => {
      said.push('taken');
      return 'question';
    },
    lost: async () => void said.push('lost'),
    note: (outcome: InboundOutcome) => void said.push(`noted ${outcome}`),
    ...more,
  };
  const keeps: ChannelDoor['keep'] = async (inbound) => {
    if (kept.some(({ id }) => id === inbound.id)) return null;
    kept.push(inbound);
    said.push('kept');
    return { done: async () => void said.push('done'), later: async () => void said.push('later') };
  };
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const door = { keep: keep ?? keeps } as ChannelDoor;
  return { receiving: createReceiving({ door, mail_in, log }, OWN), said, kept };
}

describe('receiving', () => {
  it('INVARIANT: a mail is acknowledged only when it is kept: it is done afterwards', async () => {
    let free = () => {};
    const { receiving, said } = receivingWith({
      take: async () => {
        await new Promise<void>((done) => (free = done));
        said.push('taken');
        return 'question';
      },
    });
    await receiving.receive(Buffer.from(reply({ to: TO })));
    assert.deepEqual(said, ['kept']);
    free();
    await receiving.settled();
    assert.deepEqual(said, ['kept', 'taken', 'done']);
  });

  it('what can’t be kept is not acknowledged', async () => {
    const { receiving } = receivingWith({}, () => Promise.reject(new Error('disk full')));
    await assert.rejects(receiving.receive(Buffer.from(reply({ to: TO }))), /disk full/);
  });

  it('what does nothing is not kept; what is too large or no mail is counted', async () => {
    const { receiving, said } = receivingWith({ refusalOf: () => Promise.resolve('list') });
    await receiving.receive(Buffer.from(reply({ to: TO })));
    await receiving.receive(Buffer.alloc(2_000_000));
    assert.deepEqual(said, ['noted too_large']);
  });

  it('INVARIANT: the same mail does one thing: copies are counted, a mail without an id is known by its bytes', async () => {
    const { receiving, said, kept } = receivingWith();
    const raw = reply({ to: TO });
    const bare = raw.replace(/Message-ID: .*\r\n/, '');
    for (const one of [raw, raw, bare, bare, bare.replace('Why', 'How')])
      await receiving.receive(Buffer.from(one));
    await receiving.settled();
    assert.equal(kept.length, 3);
    assert.equal(said.filter((one) => one === 'noted copy').length, 2);
  });

  it('what fails is tried again; what can’t be done at last is told to its writer', async () => {
    const { receiving, said, kept } = receivingWith({ take: () => Promise.reject(new Error('no')) });
    await receiving.receive(Buffer.from(reply({ to: TO })));
    await receiving.settled();
    assert.deepEqual(said, ['kept', 'later']);
    const [inbound] = kept;
    assert.ok(inbound);
    await assert.rejects(receiving.redo(inbound, false), /no/);
    await receiving.redo(inbound, true);
    assert.deepEqual(said, ['kept', 'later', 'lost']);
  });
});
