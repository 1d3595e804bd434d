/**
 * The ports of installations: the app of one server in several Slack workspaces, each with a token of its own.
 *
 * INVARIANT: a Slack workspace (team) belongs to one workspace of ours at a time; only that one speaks and is heard there.
 * Left out: the one bot token of the configuration, which is a channel's own matter (bot/slack/clients.ts).
 */
import type { Steps } from './steps.ts';

/** `expires_in_s` is null for a token that never expires. */
export type Tokens = { token: string; refresh_token: string | null; expires_in_s: number | null };

/** What Slack says of a finished installation. */
export type Grant = Tokens & {
  /** Null outside of an Enterprise organization. */
  enterprise_id: string | null;
  team_id: string;
  team_name: string;
  bot_user_id: string;
  scopes: string[];
};

/** How Slack is asked. All of it throws ChannelError; `refused` never works again with the same input. */
export type SlackOAuth = {
  /** Slack's page on which a person installs the app; it sends the browser back with `state`. */
  authorizeUrl(state: string, extra_scopes: readonly string[]): string;
  /** A code is good once, for ten minutes. */
  exchange(code: string): Promise<Grant>;
  /** The team of the operator's own bot token, which only the oldest workspace can install; null where there is none. */
  operatorsTeam(): Promise<string | null>;
  /** A refresh token is good once: what comes back takes its place. */
  refresh(refresh_token: string): Promise<Tokens>;
};

export type StoredInstallation = {
  id: string;
  workspace_id: string;
  enterprise_id: string | null;
  team_id: string;
  team_name: string;
  bot_user_id: string;
  scopes: string[];
  /** Token and refresh token; null once Slack took the installation away. */
  tokens_sealed: string | null;
  expires_at_ms: number | null;
  /** Raised by every change of the tokens: what a change is compared with. */
  generation: number;
  installed_by: string;
  installed_at_ms: number;
  uninstalled_at_ms: number | null;
};

export type InstallationTable = {
  /**
   * Stores an installation. One that this workspace has of the same team is replaced and keeps its id. False when the
   * team belongs to another workspace.
   */
  put(installation: StoredInstallation): Steps<boolean>;
  /** The newest of a team, installed or not; null when there never was one. */
  ofTeam(team_id: string): Steps<StoredInstallation | null>;
  /** Oldest first, those that were uninstalled too. */
  ofWorkspace(workspace_id: string): Steps<StoredInstallation[]>;
  remove(workspace_id: string, id: string): Steps<StoredInstallation | null>;
  /** Takes the tokens away; false when there is no installation of this generation any more. */
  uninstall(id: string, generation: number, at_ms: number): Steps<boolean>;
  /** Reserves the renewal of this generation's tokens; false while another process has it, or when they are replaced. */
  takeRenewal(id: string, generation: number, now_ms: number, until_ms: number): Steps<boolean>;
  /** Gives the renewal back, after a try that failed. */
  freeRenewal(id: string, generation: number): Steps<void>;
  /** Puts new tokens in the place of this generation's; false when they are replaced or gone already. */
  renew(id: string, generation: number, tokens_sealed: string, expires_at_ms: number | null): Steps<boolean>;
};

/** Why nobody speaks in a team. `busy`: the token is being renewed; come back in a moment. */
export type Silence = 'never_installed' | 'uninstalled' | 'busy' | 'broken';
export type Speaker = { team: string; workspace_id: string; token: string };

/** What a channel may ask of installations. */
export type Installations = {
  /** The token of a team, good for now; else why there is none. */
  speakerOf(team: string): Promise<Speaker | Silence>;
  /** The teams of a workspace, oldest first, and those that were uninstalled. */
  teamsOf(workspace_id: string): Promise<{ installed: string[]; uninstalled: string[] }>;
  /** True for the operator's own workspace: the oldest. */
  isOperators(workspace_id: string): Promise<boolean>;
  /**
   * Slack says that the app was taken off a team at this time. What was installed later stays. With `bot_users` only an
   * installation of one of these.
   */
  uninstalled(team: string, at_ms: number, bot_users: readonly string[] | null): Promise<void>;
};
