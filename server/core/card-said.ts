/**
 * What the agent says about its own request. Absence is information, so each part is there, stated or not.
 * Invariant: these are claims; nothing here is known to the system, and channels set them apart as quoted words.
 */
import type { Approval } from '../../schemas/approval.ts';
import { type CardOptions, moneyText, numberText, visible } from './card-text.ts';
import { wordsOf } from './card-words.ts';

export const SAID_KINDS = [
  'summary',
  'why',
  'happens',
  'if_denied',
  'flagged',
  'risks',
  'alternatives',
  'cost',
  'confidence',
] as const;

/** `lines` is empty where the agent stated nothing. */
export type Said = { kind: (typeof SAID_KINDS)[number]; label: string; lines: string[] };

/** The agent's words in reading order; its summary only where it is not the question already. */
export function saidBy(approval: Approval, question: string, options: CardOptions): Said[] {
  const said = (kind: Said['kind'], lines: readonly (string | null)[]): Said => saidOf(kind, lines, options);
  return [
    ...(question === visible(approval.action_summary) ? [] : [said('summary', [approval.action_summary])]),
    said('why', [approval.reasoning]),
    said('happens', approval.side_effects),
    said('if_denied', [approval.if_denied]),
    ...(approval.flag_reason === null ? [] : [said('flagged', [approval.flag_reason])]),
    said('risks', approval.risk_factors),
    said('alternatives', approval.alternatives),
    said('cost', [costOf(approval, options)]),
    said('confidence', [confidenceOf(approval, options)]),
  ];
}

function saidOf(kind: Said['kind'], lines: readonly (string | null)[], options: CardOptions): Said {
  return {
    kind,
    label: wordsOf(options).said[kind],
    lines: lines.flatMap((line) => (line === null ? [] : [visible(line)])),
  };
}

function costOf(approval: Approval, options: CardOptions): string | null {
  const { usd, tokens } = approval.cost ?? {};
  const parts = [
    ...(typeof usd === 'number' ? [moneyText(usd, 'USD', false, options)] : []),
    ...(typeof tokens === 'number' ? [wordsOf(options).tokens(numberText(tokens, options))] : []),
  ];
  return parts.length > 0 ? parts.join(' · ') : null;
}

function confidenceOf(approval: Approval, options: CardOptions): string | null {
  if (approval.confidence === null) return null;
  return numberText(approval.confidence, options, { style: 'percent' });
}
