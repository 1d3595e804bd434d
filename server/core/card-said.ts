/**
 * What the agent says about its own request. Absence is information, so each part is there, stated or not.
 * Invariant: these are claims; nothing here is known to the system, and channels set them apart as quoted words.
 */
import type { Approval } from '../../schemas/approval.ts';
import { type CardOptions, moneyText, numberText, visible } from './card-text.ts';

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
  return [
    ...(question === visible(approval.action_summary)
      ? []
      : [said('summary', 'What', [approval.action_summary])]),
    said('why', 'Why', [approval.reasoning]),
    said('happens', 'What happens', approval.side_effects),
    said('if_denied', 'If you say no', [approval.if_denied]),
    ...(approval.flag_reason === null ? [] : [said('flagged', 'Why it was stopped', [approval.flag_reason])]),
    said('risks', 'Risks', approval.risk_factors),
    said('alternatives', 'Alternatives', approval.alternatives),
    said('cost', 'Cost', [costOf(approval, options)]),
    said('confidence', 'Confidence', [confidenceOf(approval, options)]),
  ];
}

function said(kind: Said['kind'], label: string, lines: readonly (string | null)[]): Said {
  return { kind, label, lines: lines.flatMap((line) => (line === null ? [] : [visible(line)])) };
}

function costOf(approval: Approval, options: CardOptions): string | null {
  const { usd, tokens } = approval.cost ?? {};
  const parts = [
    ...(typeof usd === 'number' ? [moneyText(usd, 'USD', false, options)] : []),
    ...(typeof tokens === 'number' ? [`${numberText(tokens, options)} tokens`] : []),
  ];
  return parts.length > 0 ? parts.join(' · ') : null;
}

function confidenceOf(approval: Approval, options: CardOptions): string | null {
  if (approval.confidence === null) return null;
  return numberText(approval.confidence, options, { style: 'percent' });
}
