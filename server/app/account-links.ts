/**
 * Whom an account elsewhere acts for.
 *
 * INVARIANT: an account acts for a member only through a link that an admin or the member made; by e-mail only where the
 * workspace turned that on, with less assurance, and never beside a link.
 * INVARIANT: an account of a Slack workspace that is installed for one workspace is nobody in any other.
 * Invariant: an account that is linked to somebody is never linked to another person; somebody unlinks it first.
 */
import type { Account as LinkedAccount } from '../../schemas/channel.ts';
import type { Account } from '../core/channel-ports.ts';
import { refusal, type Refusal } from '../core/commands.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { MemberPrincipal } from '../core/principal.ts';
import { personOf } from './keyring.ts';

const TAKEN = refusal(
  'conflict',
  'This account is linked to somebody already. An admin has to unlink it first.',
);
const ELSEWHERE = refusal(
  'conflict',
  'The app is not connected to this Slack workspace for you, so its accounts can’t be linked here.',
);

/** Links an account; null when it is done. */
export function* linkAccount(t: Tables, workspace_id: string, account: LinkedAccount): Steps<Refusal | null> {
  const owner = yield* ownerOf(t, account.team);
  if (owner !== null && owner !== workspace_id) return ELSEWHERE;
  return (yield* t.accounts.insert(workspace_id, account)) ? null : TAKEN;
}

/** The workspace that a Slack workspace is installed for; null for none. */
function* ownerOf(t: Tables, team: string): Steps<string | null> {
  const found = yield* t.installations.ofTeam(team);
  return found && found.uninstalled_at_ms === null ? found.workspace_id : null;
}

/** `installs`: Slack workspaces may be installed for one workspace; false costs no statement. */
export function* memberOf(
  t: Tables,
  account: Account,
  { confirmed_email: email, installs }: { confirmed_email: string | undefined; installs: boolean },
): Steps<MemberPrincipal | null> {
  const owner = installs ? yield* ownerOf(t, account.team) : null;
  const link = yield* t.accounts.find(account);
  if (link) {
    if (owner !== null && owner !== link.workspace_id) return null;
    const member = yield* t.people.get(link.workspace_id, link.member_id);
    return member && personOf(link.workspace_id, member, account.provider, 'linked');
  }
  return email === undefined ? null : yield* memberByEmail(t, account, email, owner);
}

/** The one member with this address, where nobody linked anything and the workspace wants it so. */
function* memberByEmail(
  t: Tables,
  { provider, team }: Account,
  email: string,
  owner: string | null,
): Steps<MemberPrincipal | null> {
  // The bot token of the configuration is the operator's: the oldest workspace.
  const workspace = owner === null ? yield* t.workspaces.first() : yield* t.workspaces.get(owner);
  if (!workspace || workspace.settings.slack_by_email !== true) return null;
  const [member, ...others] = yield* t.people.withEmail(workspace.id, email);
  if (!member || others.length > 0) return null;
  const linked = yield* t.accounts.list(workspace.id, member.id);
  if (linked.some((one) => one.provider === provider && one.team === team)) return null;
  // Slack’s word for an address is no more than a mail link proves.
  return personOf(workspace.id, member, provider, 'link');
}
