/**
 * The tables of embedding, as ports: origins, hosts' keys, tokens minted here, and what ended before its time.
 * INVARIANT: of a token minted here only the hash of its secret is stored.
 */
import type { Origin } from '../../schemas/embed.ts';
import type { Steps } from './steps.ts';

export type StoredOrigin = Origin & { workspace_id: string; created_by: string };

export type OriginTable = {
  /** False when the workspace has it already. */
  insert(origin: StoredOrigin): Steps<boolean>;
  list(workspace_id: string, after: string | null, limit: number): Steps<Origin[]>;
  remove(workspace_id: string, id: string): Steps<boolean>;
  /** The workspaces that registered it. */
  workspacesOf(origin: string): Steps<string[]>;
};

export type StoredHostKey = {
  workspace_id: string;
  kid: string;
  name: string;
  /** The public key, as in a JWK. */
  x: string;
  created_by: string;
  created_at: string;
};

export type HostKeyTable = {
  /** False when the workspace has a key of this name. */
  insert(key: StoredHostKey): Steps<boolean>;
  get(workspace_id: string, kid: string): Steps<StoredHostKey | null>;
  list(workspace_id: string, after: string | null, limit: number): Steps<StoredHostKey[]>;
  remove(workspace_id: string, kid: string): Steps<boolean>;
};

export type StoredEmbedToken = {
  id: string;
  workspace_id: string;
  secret_hash: string;
  /** Who and what it is for, as JSON. */
  granted: string;
  /** The service key that minted it. */
  created_by: string;
  created_at_ms: number;
  expires_at_ms: number;
};

/** `decided`: its one decision was made. `revoked`: it was called back. */
export type TokenEnd = 'decided' | 'revoked';

export type EmbedTokenTable = {
  insert(token: StoredEmbedToken): Steps<void>;
  find(id: string): Steps<StoredEmbedToken | null>;
  /** What became of a token, a host's own ones too. */
  ends(workspace_id: string, token_id: string): Steps<TokenEnd[]>;
  /** Ends it; false when that was so already. Kept until `keep_until_ms`. */
  end(workspace_id: string, token_id: string, end: TokenEnd, keep_until_ms: number): Steps<boolean>;
  removeExpired(now_ms: number): Steps<void>;
};
