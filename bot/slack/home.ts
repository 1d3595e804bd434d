/**
 * Lists: App Home, and the answers of `/approvals`. Pure.
 * Invariant: agents' words stand in plain text or rich text, one line each; what is left out is counted.
 */
import type { Approval } from '../../schemas/approval.ts';
import {
  type Block,
  context,
  escaped,
  header,
  type Message,
  moment,
  notice,
  paragraph,
  plain,
  rich,
  section,
  text,
  type View,
} from './block-kit.ts';
import { ACTIONS, coreCard, type Pressed } from './card-blocks.ts';
import { cut, LIMITS, oneLine } from './limits.ts';

const MAX_WAITING = 15;
const MAX_DECIDED = 5;

export const HELP = [
  '/approvals list: what is waiting for a decision',
  '/approvals mine: what is waiting for you',
  '/approvals show <id>: one of them, with its buttons',
  '/approvals help: this',
].join('\n');

export type HomeInput = {
  waiting: readonly Approval[];
  pending_count: number;
  decided: readonly Approval[];
  public_url: string;
  now_ms: number;
};

/** The home of a linked member: counts, what waits for them, what they decided. */
export function homeView({ waiting, pending_count, decided, public_url, now_ms }: HomeInput): View {
  const counts = countsOf(waiting);
  return {
    type: 'home',
    blocks: [
      header('Approvals'),
      context(
        `${pending_count} waiting in all`,
        `${waiting.length} for you${counts === '' ? '' : `: ${counts}`}`,
      ),
      ...(waiting.length === 0 ? [section('Nothing is waiting for you.')] : []),
      ...waiting.slice(0, MAX_WAITING).flatMap((approval, n) => itemBlocks(approval, now_ms, n)),
      ...leftOut(waiting.length - MAX_WAITING),
      ...(decided.length === 0 ? [] : [header('Decided by you')]),
      ...decided.slice(0, MAX_DECIDED).map((approval) => line(approval, now_ms)),
      link(public_url, 'Open the whole list'),
    ],
  };
}

/** The home of somebody who is not known here: what to do about it, and nothing else. */
export function strangerHome(words: string, url?: string): View {
  return {
    type: 'home',
    blocks: [header('Approvals'), section(words), ...(url ? [link(url, 'Link your account')] : [])],
  };
}

function countsOf(approvals: readonly Approval[]): string {
  return ['critical', 'high', 'medium', 'low']
    .map((level) => [level, approvals.filter(({ risk_level }) => risk_level === level).length] as const)
    .filter(([, count]) => count > 0)
    .map(([level, count]) => `${count} ${level}`)
    .join(', ');
}

function leftOut(count: number): Block[] {
  return count > 0 ? [context(`${count} more; open the whole list to see them.`)] : [];
}

function link(url: string, words: string): Block {
  return rich(paragraph({ type: 'link', url: cut(url, LIMITS.url_chars), text: words }));
}

function line(approval: Approval, now_ms: number): Block {
  const shown = coreCard(approval, now_ms);
  return rich(
    paragraph(
      text(`${shown.risk.word}: `, 'bold'),
      text(oneLine(shown.question.text, 200)),
      text(` · ${oneLine(shown.who.asks, 60)} · ${shown.status.word}`),
      ...(shown.status.open ? [text(' · expires '), moment(approval.expires_at, shown.expires.text)] : []),
      text(' · '),
      { type: 'link', url: cut(approval.url, LIMITS.url_chars), text: approval.id },
    ),
  );
}

function itemBlocks(approval: Approval, now_ms: number, n: number): Block[] {
  const pressed: Pressed = { a: approval.id, v: approval.version };
  return [
    line(approval, now_ms),
    {
      type: 'actions',
      block_id: `item:${n}:${approval.id}:${approval.version}`,
      elements: [
        {
          type: 'button',
          action_id: ACTIONS.review,
          text: plain('Review', LIMITS.button_chars),
          value: JSON.stringify(pressed),
        },
      ],
    },
  ];
}

/** A list as one private message. */
export function listMessage(
  title: string,
  approvals: readonly Approval[],
  public_url: string,
  now_ms: number,
): Message {
  if (approvals.length === 0) return notice(`${title}: nothing is waiting.`, public_url);
  return {
    text: escaped(`${title}: ${approvals.length}`),
    blocks: [
      header(`${title}: ${approvals.length}`),
      ...approvals.slice(0, MAX_WAITING).map((approval) => line(approval, now_ms)),
      ...leftOut(approvals.length - MAX_WAITING),
      link(public_url, 'Open the whole list'),
    ],
  };
}
