/** The channel suite on mail, through a real SMTP server; both engines. */
import { channelSuite } from '../suites/channel.ts';
import { cardsIn, mailBench } from '../support/mail-bench.ts';
import { ENGINES } from '../support/server.ts';

for (const engine of ENGINES)
  channelSuite('mail', engine, async () => {
    const bench = await mailBench();
    return {
      channel: bench.channel,
      default_to: null,
      email: 'ben@example.com',
      slack_user: 'U1',
      cards: async () => cardsIn(bench.smtp.mails),
      close: () => bench.close(),
    };
  });
