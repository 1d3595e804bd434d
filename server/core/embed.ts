/**
 * What an embed token allows, and what has to hold for one; pure.
 *
 * INVARIANT: a token only ever takes away: whoever it is for may do with it at most what they may without it.
 * Left out: proving a token (server/app/embed-access.ts), and what the person may do (permission.ts).
 */
import { RISK_LEVELS, type RiskLevel } from '../../schemas/approval.ts';
import { type EmbedScope, type HostClaims, MAX_EMBED_LIFE_S } from '../../schemas/embed.ts';

/** The bounds of a token. */
export type Embedded = {
  token_id: string;
  origin: string;
  approvals: readonly string[];
  scope: readonly EmbedScope[];
  max_risk: RiskLevel;
  expires_at_ms: number;
};

export const DEFAULT_MAX_RISK: RiskLevel = 'medium';
/** Two clocks may differ by this much. */
export const SKEW_S = 5;

/** True when the token allows this at all; reading always. */
export function isInScope({ scope }: Embedded, needed: EmbedScope): boolean {
  return needed === 'view' || scope.includes(needed);
}

/** True when the token may approve what has this risk. */
export function mayApproveRisk({ max_risk }: Embedded, risk: RiskLevel): boolean {
  return RISK_LEVELS.indexOf(risk) <= RISK_LEVELS.indexOf(max_risk);
}

/** True when a signed token is not too old, not too early, and was not made to live longer than one may. */
export function isTimely({ iat, exp, nbf }: HostClaims, now_ms: number): boolean {
  const now_s = now_ms / 1000;
  if (exp <= iat || exp - iat > MAX_EMBED_LIFE_S) return false;
  return exp > now_s - SKEW_S && iat <= now_s + SKEW_S && (nbf ?? iat) <= now_s + SKEW_S;
}

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * What stands against registering an origin, as the end of a sentence; null for a good one. Without https everybody
 * on the way reads the tokens, so that is for loopback, and for a server that itself is reached without.
 */
export function originIssue(text: string, public_url: string): string | null {
  const parsed = URL.canParse(text) ? new URL(text) : null;
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol)) {
    return 'is not an origin; write it as browsers send it, such as https://app.example.com';
  }
  if (parsed.origin !== text) return `has to be written ${parsed.origin}`;
  if (text.includes('*')) return 'has to be one origin; there are no wildcards';
  if (parsed.origin === new URL(public_url).origin)
    return 'is this server itself, which needs no embed tokens';
  const plain = parsed.protocol === 'http:' && !public_url.startsWith('http:');
  return plain && !LOOPBACK.test(parsed.hostname) ? 'has to begin with https://' : null;
}

/** True for text that every store and every channel takes: no control characters, no half characters. */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text);
}
