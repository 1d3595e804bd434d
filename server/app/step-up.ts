/**
 * Proving more than a link does: a code that is mailed to the same address and typed in the same browser gives a
 * session of the link's member.
 * INVARIANT: whoever only has the link, and not the mailbox and the browser, gets no session.
 */
import { isRefusal, refusal, type Refusal } from '../core/commands.ts';
import type { Notice } from '../core/channel-ports.ts';
import { CODE_MINUTES, CODE_MS, createMailCodes, isGood } from './mail-codes.ts';
import type { MemberPrincipal } from '../core/principal.ts';
import type { Look, ReviewDeps } from './review-look.ts';
import type { Session } from './sessions.ts';
import type { Browser } from './sign-in.ts';
import { hashOf } from './mail-tokens.ts';

export type StepUp = {
  /** Mails a code for this browser. Refuses `forbidden` where no code would help, `rate_limited`. */
  sendCode(token: string, browser: string): Promise<null | Refusal>;
  /** True while a code that this browser asked for waits to be typed. */
  awaitsCode(browser: string): Promise<boolean>;
  enterCode(token: string, browser: Browser, typed: string): Promise<Session | Refusal>;
};

function mailOf(name: string, code: string): Notice {
  const what = 'approving what you have open in your browser';
  return { kind: 'code', name, code, url: null, minutes: CODE_MINUTES, for: what };
}

type LookUp = (token: string, session: MemberPrincipal | null) => Promise<Look | null>;

const NO_LINK = refusal('not_found', 'There is no such link.');

export function createStepUp(deps: ReviewDeps, look: LookUp): StepUp {
  const { store, clock, notices, access, due } = deps;
  const codes = createMailCodes(deps);
  return {
    sendCode: async (token, browser) => {
      const seen = await look(token, null);
      if (!seen) return NO_LINK;
      const { stage, person, link, approving, why } = seen;
      if (stage !== 'open' || !person) return refusal('expired', why ?? 'This is over; no code is needed.');
      if (approving.may !== 'step_up')
        return refusal('forbidden', 'No code is needed here, or none would help.');
      const { workspace_id, member_id, sent_to: address } = link;
      const wanted = { purpose: 'step_up' as const, browser, address, workspace_id, member_id };
      const { row, code } = codes.make(wanted);
      const no = await store.tx(function* (t) {
        const late = yield* codes.put(t, row);
        if (late) return late;
        yield* notices.add(
          t,
          { workspace_id, channel: 'email', to: address },
          mailOf(person.name, code),
          CODE_MS,
        );
        return null;
      });
      due(clock.now());
      return no;
    },
    awaitsCode: async (browser) => {
      const row = await store.read((t) => t.mail_codes.ofBrowser(hashOf(browser), 'step_up'));
      return row !== null && isGood(row, clock.now());
    },
    enterCode: async (token, browser, typed) => {
      const seen = await look(token, null);
      if (!seen) return NO_LINK;
      const { link, stage, person, why } = seen;
      if (stage !== 'open' || !person) return refusal('expired', why ?? 'This is over; no code is needed.');
      const opened = await store.tx(function* (t) {
        const row = yield* codes.prove(t, 'step_up', browser.cookie, typed);
        if (isRefusal(row)) return row;
        // A code for one member opens nothing of another, whatever link it is typed below.
        if (row.member_id !== link.member_id || row.workspace_id !== link.workspace_id) return NO_LINK;
        yield* t.mail_codes.end(row.id, clock.now());
        return yield* access.open(t, {
          workspace_id: link.workspace_id,
          member_id: link.member_id,
          how: 'mail',
          agent: browser.name,
          replaces: browser.session,
        });
      });
      if (!isRefusal(opened) && browser.session !== null) access.forget();
      return opened;
    },
  };
}
