/**
 * Accounts elsewhere that act for a member: an admin links one, or the member does through a page, signed in.
 *
 * Left out: whom an account acts for (account-links.ts).
 */
import { hash } from 'node:crypto';
import type { Account as LinkedAccount, LinkAccount } from '../../schemas/channel.ts';
import type { Account } from '../core/channel-ports.ts';
import { isRefusal, refusal, type Refusal } from '../core/commands.ts';
import type { MemberPrincipal, Principal } from '../core/principal.ts';
import { linkAccount, memberOf } from './account-links.ts';
import type { Deps } from './deps.ts';
import { type Answered, type OnceKey, onceOnly } from './once.ts';
import { notAdmin } from './people.ts';

export type Accounts = {
  /** Links an account; `forbidden`, `not_found`, or `conflict` when it is linked already. */
  link(
    principal: Principal,
    member_id: string,
    account: LinkAccount,
    once: OnceKey | null,
  ): Promise<Answered | Refusal>;
  list(principal: Principal, member_id: string): Promise<LinkedAccount[] | Refusal>;
  unlink(principal: Principal, member_id: string, id: string): Promise<null | Refusal>;
  /** The member behind an account, read anew at every call; null is nobody. */
  memberOf(account: Account, confirmed_email?: string): Promise<MemberPrincipal | null>;
  /** A page's address that links this account to the member who opens it; once, within 15 minutes. */
  linkUrl(account: Account): string;
  /** The account that a page's token is for; null when it is over, used or not ours. */
  offered(token: string): Promise<Account | null>;
  /** Links the offered account to the member who is signed in. */
  accept(principal: MemberPrincipal, token: string): Promise<LinkedAccount | Refusal>;
};

const OFFER_MS = 15 * 60_000;
const NOBODY = refusal('not_found', 'There is no such member.');
const OVER = refusal('expired', 'This link was used, or its time is over. Ask for a new one in Slack.');

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'sealer' | 'public_url' | 'channels'>;
type Offer = Account & { for: 'link'; until_ms: number };

export function createAccounts(shared: Shared): Accounts {
  const { store, clock, ids, sealer, public_url, channels } = shared;
  const made = (member_id: string, { provider, team, user }: Account, linked_by: string): LinkedAccount => {
    const now = clock.now();
    const created_at = new Date(now).toISOString();
    return { id: ids.make('acc', now), member_id, provider, team, user, linked_by, created_at };
  };
  return {
    link: async (principal, member_id, account, once) => {
      const no = notAdmin(principal);
      if (no) return no;
      const linked = made(member_id, account, principal.id);
      return store.tx((t) =>
        onceOnly(t, principal, once, clock.now(), function* () {
          if (!(yield* t.people.get(principal.workspace_id, member_id))) return NOBODY;
          return (yield* linkAccount(t, principal.workspace_id, linked)) ?? JSON.stringify(linked);
        }),
      );
    },
    list: async (principal, member_id) => {
      const own = principal.kind === 'member' && principal.id === member_id;
      const no = own ? null : notAdmin(principal);
      if (no) return no;
      const { workspace_id } = principal;
      return store.read(function* (t) {
        if (!(yield* t.people.get(workspace_id, member_id))) return NOBODY;
        return yield* t.accounts.list(workspace_id, member_id);
      });
    },
    unlink: async (principal, member_id, id) => {
      const own = principal.kind === 'member' && principal.id === member_id;
      const no = own ? null : notAdmin(principal);
      if (no) return no;
      const removed = await store.tx((t) => t.accounts.remove(principal.workspace_id, member_id, id));
      return removed ? null : refusal('not_found', 'This member has no such account.');
    },
    memberOf: (account, confirmed_email) =>
      store.read((t) => memberOf(t, account, { confirmed_email, installs: channels.oauth !== undefined })),
    ...createOffers(shared, made, public_url, sealer),
  };
}

function createOffers(
  { store, clock }: Shared,
  made: (member_id: string, account: Account, linked_by: string) => LinkedAccount,
  public_url: string,
  sealer: Deps['sealer'],
): Pick<Accounts, 'linkUrl' | 'offered' | 'accept'> {
  /** Null for a token that is not ours, or over. */
  const opened = (token: string): Offer | null => {
    const text = sealer.open(token);
    const offer = text?.startsWith('{"for":"link"') ? (JSON.parse(text) as Offer) : null;
    return offer && offer.until_ms > clock.now() ? offer : null;
  };
  const keyOf = (token: string) => `link:${hash('sha256', token)}`;
  return {
    linkUrl: ({ provider, team, user }) => {
      const offer: Offer = { for: 'link', provider, team, user, until_ms: clock.now() + OFFER_MS };
      return `${public_url}/link/${sealer.seal(JSON.stringify(offer))}`;
    },
    offered: async (token) => {
      const offer = opened(token);
      if (!offer) return null;
      const used = await store.read((t) => t.seen.has(keyOf(token)));
      return used ? null : { provider: offer.provider, team: offer.team, user: offer.user };
    },
    accept: async (principal, token) => {
      const offer = opened(token);
      if (!offer) return OVER;
      const linked = made(principal.id, offer, principal.id);
      const done = await store.tx(function* (t) {
        if (!(yield* t.seen.claim(keyOf(token), offer.until_ms))) return OVER;
        return yield* linkAccount(t, principal.workspace_id, linked);
      });
      return isRefusal(done) ? done : linked;
    },
  };
}
