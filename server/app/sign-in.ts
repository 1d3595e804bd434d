/**
 * Signing in by mail: an address, a mail with a code and a link, and a session in the browser that asked.
 *
 * INVARIANT: asking does the same work and gives the same answer whether anybody has the address: who has it is looked
 * up by a job, after the answer. INVARIANT: neither code nor link opens anything in another browser.
 * Left out: pages and cookies (server/http/sign-in-pages.ts).
 */
import type { Member } from '../../schemas/people.ts';
import { isRefusal, refusal, type Refusal } from '../core/commands.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { MailCode } from '../core/sign-in-tables.ts';
import type { Access } from './access.ts';
import type { Deps } from './deps.ts';
import type { Handler } from './job-runner.ts';
import { CODE_MINUTES, CODE_MS, CODE_OVER, createMailCodes, isGood } from './mail-codes.ts';
import { hashOf } from './mail-tokens.ts';
import type { Notices } from './notices.ts';
import type { Session } from './sessions.ts';

/** A session, or the workspaces to choose one from. */
export type SignedIn = { session: Session } | { choose: { workspace_id: string; name: string }[] };
/** The browser that types or presses: its cookie, its name, and the session it has now. */
export type Browser = { cookie: string; name: string; session: string | null };

export type SignIn = {
  /** False where this server sends no mail. */
  offered(): boolean;
  /** The same for every address. */
  ask(address: string, browser: string): Promise<void>;
  /** The address that this browser asked with and that still waits for a code; null for none. */
  asked(browser: string): Promise<string | null>;
  byCode(browser: Browser, code: string): Promise<SignedIn | Refusal>;
  /** Refuses `forbidden` in another browser than the one that asked, `expired` when it is used or over. */
  byLink(browser: Browser, token: string): Promise<SignedIn | Refusal>;
  /** How a link stands for this browser; changes nothing. */
  linkState(cookie: string | null, token: string): Promise<'here' | 'elsewhere' | 'over'>;
  /** After a right code of an address that belongs to several workspaces. */
  choose(browser: Browser, workspace_id: string): Promise<SignedIn | Refusal>;
  handler: Handler;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'sealer' | 'channels' | 'public_url'> & {
  access: Access;
  notices: Notices;
  due: (at_ms: number) => void;
};

/** What is sealed until the job has looked up whom to send it to. */
type Text = { code: string; url: string };

const ELSEWHERE = refusal(
  'forbidden',
  'This link works in the browser where you asked for it. Type the code from the mail there.',
);

export function createSignIn(shared: Shared): SignIn {
  const { store, clock, sealer, channels, public_url, access, due } = shared;
  const codes = createMailCodes(shared);
  const opened = async ({ session }: Browser, work: (t: Tables) => Steps<SignedIn | Refusal>) => {
    const done = await store.tx(work);
    // The one before it is over at once; without one, nobody's right ended.
    if (session !== null && !isRefusal(done) && 'session' in done) access.forget();
    return done;
  };
  return {
    offered: () => channels.names.includes('email'),
    ...createLooks(shared),
    ask: async (address, browser) => {
      const whose = { workspace_id: null, member_id: null };
      const { row, code, link_token } = codes.make({ purpose: 'sign_in', browser, address, ...whose });
      const text: Text = { code, url: `${public_url}/sign-in/mail/${link_token}` };
      const sealed = sealer.seal(JSON.stringify(text));
      await store.tx(function* (t) {
        if (yield* codes.put(t, { ...row, sealed })) return;
        yield* t.jobs.add({
          id: `sign_in:${row.id}`,
          kind: 'sign_in',
          lane: 'sign_in',
          workspace_id: '-',
          subject_id: row.id,
          run_at_ms: row.created_at_ms,
        });
      });
      due(clock.now());
    },
    byCode: (browser, code) =>
      opened(browser, function* (t) {
        const row = yield* codes.prove(t, 'sign_in', browser.cookie, code);
        return isRefusal(row) ? row : yield* enter(t, shared, row, browser);
      }),
    byLink: (browser, token) =>
      opened(browser, function* (t) {
        const row = yield* t.mail_codes.byLink(hashOf(token));
        if (!row || !isGood(row, clock.now())) return CODE_OVER;
        if (row.browser_hash !== hashOf(browser.cookie)) return ELSEWHERE;
        if (!(yield* t.mail_codes.prove(row.id, clock.now()))) return CODE_OVER;
        return yield* enter(t, shared, row, browser);
      }),
    choose: (browser, workspace_id) =>
      opened(browser, function* (t) {
        const row = yield* t.mail_codes.ofBrowser(hashOf(browser.cookie), 'sign_in');
        const over = !row || row.proved_at_ms === null || row.ended_at_ms !== null;
        if (over || row.expires_at_ms <= clock.now()) return CODE_OVER;
        return yield* enter(t, shared, row, browser, workspace_id);
      }),
    handler: createMailing(shared),
  };
}

/** What changes nothing. */
function createLooks({ store, clock }: Shared): Pick<SignIn, 'asked' | 'linkState'> {
  return {
    asked: async (browser) => {
      const row = await store.read((t) => t.mail_codes.ofBrowser(hashOf(browser), 'sign_in'));
      return row && isGood(row, clock.now()) ? row.address : null;
    },
    linkState: async (cookie, token) => {
      const row = await store.read((t) => t.mail_codes.byLink(hashOf(token)));
      if (!row || !isGood(row, clock.now())) return 'over';
      return cookie !== null && row.browser_hash === hashOf(cookie) ? 'here' : 'elsewhere';
    },
  };
}

type Owner = { workspace_id: string; member: Member };

/** A session for a proven address; where it belongs to several workspaces, one has to be chosen first. */
function* enter(
  t: Tables,
  { access, clock }: Pick<Shared, 'access' | 'clock'>,
  row: MailCode,
  browser: Browser,
  wanted?: string,
): Steps<SignedIn | Refusal> {
  const owners: Owner[] = yield* t.people.everyWithEmail(row.address);
  const fitting = wanted === undefined ? owners : owners.filter((one) => one.workspace_id === wanted);
  const [owner, ...others] = fitting;
  // Whoever lost the address meanwhile is told the same as with any code that is over.
  if (!owner) return CODE_OVER;
  if (others.length > 0 && wanted === undefined) return { choose: yield* workspacesOf(t, owners) };
  if (!(yield* t.mail_codes.end(row.id, clock.now()))) return CODE_OVER;
  const session = yield* access.open(t, {
    workspace_id: owner.workspace_id,
    member_id: owner.member.id,
    how: 'mail',
    agent: browser.name,
    replaces: browser.session,
  });
  return { session };
}

function* workspacesOf(t: Tables, owners: readonly Owner[]): Steps<{ workspace_id: string; name: string }[]> {
  const named = [];
  for (const { workspace_id, member } of owners) {
    const workspace = yield* t.workspaces.get(workspace_id);
    named.push({ workspace_id, name: `${workspace?.name ?? workspace_id} (${member.name})` });
  }
  return named;
}

/** Sends the mail where the address is somebody's; forgets its text either way. */
function createMailing({ store, clock, sealer, notices, due }: Shared): Handler {
  return async ({ subject_id }) => {
    await store.tx(function* (t) {
      const row = yield* t.mail_codes.get(subject_id);
      const text = row?.sealed ? sealer.open(row.sealed) : null;
      if (!row || text === null || row.ended_at_ms !== null) return;
      yield* t.mail_codes.forgetText(row.id);
      const [owner] = yield* t.people.everyWithEmail(row.address);
      const address = owner?.member.email;
      if (!owner || !address) return;
      const { code, url } = JSON.parse(text) as Text;
      yield* notices.add(
        t,
        { workspace_id: owner.workspace_id, channel: 'email', to: address },
        { kind: 'code', name: owner.member.name, code, url, minutes: CODE_MINUTES, for: 'signing in' },
        CODE_MS,
      );
    });
    due(clock.now());
    return undefined;
  };
}
