/**
 * Risk and life of a request: the floor that a workspace sets, and how long an approval stays open.
 * Invariant: an agent can raise its risk but never go below the floor.
 */
import { RISK_LEVELS, type RiskLevel } from '../../schemas/approval.ts';
import type { Settings } from '../../schemas/settings.ts';

/** The risk that holds: what the request states (medium where it states none), raised to the floor of its action type. */
export function riskOf(stated: RiskLevel | undefined, action_type: string, settings: Settings): RiskLevel {
  let risk = stated ?? 'medium';
  for (const [pattern, floor] of Object.entries(settings.risk_floor)) {
    if (matchesAction(pattern, action_type) && RISK_LEVELS.indexOf(floor) > RISK_LEVELS.indexOf(risk))
      risk = floor;
  }
  return risk;
}

/** True when an action type is the pattern, or begins with a pattern that ends in `*`. */
export function matchesAction(pattern: string, action_type: string): boolean {
  return pattern.endsWith('*') ? action_type.startsWith(pattern.slice(0, -1)) : pattern === action_type;
}

/** The instant (ms) at which an approval of this risk expires when the request names none. */
export function expiryOf(now_ms: number, risk: RiskLevel, settings: Settings): number {
  return now_ms + settings.life_s[risk] * 1000;
}
