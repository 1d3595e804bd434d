/**
 * The card: the one neutral view model of an approval, which the web view, Slack, mail and terminal only dress.
 *
 * INVARIANT: every leaf of `params`, `context` and the frozen request is in the facts or in `unshown`; a channel
 * that can't show a complete card must not offer to approve. INVARIANT: text of others is never passed on unseen:
 * it went through `visible`, and what the agent said stands apart (`says`) from what the system knows.
 * Left out: who may decide (permission.ts), and all markup.
 */
import type { Approval, RiskLevel } from '../../schemas/approval.ts';
import type { DecisionKind } from '../../schemas/decision.ts';
import { type CardFact, factAt, factsOf, leafCount } from './card-facts.ts';
import type { Tone } from './card-kind.ts';
import { type End, endOf } from './card-outcome.ts';
import { type Said, saidBy } from './card-said.ts';
import { MAX_LINE_CHARS, pointedFacts, stating } from './card-rich.ts';
import { isOpen, STATUS_TONES, statusOf, statusWord } from './card-status.ts';
import { type CardOptions, humanised, instantText, visible } from './card-text.ts';
import { inWords, wordsOf, type Worded } from './card-words.ts';
import { isRecord, sameJson } from './json-value.ts';
import { hintsOf } from './schema-node.ts';

export type CardAction = DecisionKind | 'ask' | 'cancel';

/** What is asked, whatever became of it since. */
export type Asked = {
  id: string;
  version: number;
  status: { word: string; tone: Tone; open: boolean };
  risk: { level: RiskLevel; word: string; tone: Tone };
  /** What the approval's template is called, such as "Payment". */
  kind: string;
  action_type: string;
  /** The one thing asked; `by_agent` where its words are the agent's and not a template's. */
  question: { text: string; by_agent: boolean };
  /** At most two facts that stand out. */
  headline: CardFact[];
  /** `params`, `context`, and the frozen request as far as `params` does not show it. Pointers are into each. */
  facts: CardFact[];
  context: CardFact[];
  request: CardFact[];
  says: Said[];
  who: {
    asks: string;
    key: string | null;
    on_behalf_of: string | null;
    details: { label: string; text: string }[];
  };
  created: { at: string; text: string };
  expires: { at: string; text: string };
  /** The votes that count so far, where more than one person has to approve. Who is missing: card-routing.ts. */
  votes: { needed: number; given: string[] };
  actions: CardAction[];
  complete: boolean;
  /** What the schema asks of a decision: the text to type, and when a reason is due (null where it says nothing). */
  asks: { confirm: string | null; reason: 'never' | 'reject' | 'always' | null };
  /** JSON Pointers into the approval (`/params/…`) of the leaves that the facts do not show. */
  unshown: string[];
  /** Pointers of the values that stand in the facts without their text. */
  masked: string[];
  /** Leaves in `params`, `context` and the request, shown or not. */
  leaf_count: number;
};

export type Card = Asked &
  End & {
    /** At most four facts for a row, a notification or a subject line. */
    summary: CardFact[];
  };

const RISK: Readonly<Record<RiskLevel, Tone>> = {
  low: 'success',
  medium: 'info',
  high: 'warning',
  critical: 'danger',
};

/** The card of an approval under its escalation schema (`schemaFor`). An open one whose time is over is expired. */
export function card(approval: Approval, schema: Record<string, unknown>, options: CardOptions): Card {
  const summary = pointedFacts(approval, schema, 'summary', options, factAt).slice(0, 4);
  return { ...asked(approval, schema, options), summary, ...endOf(approval, schema, options, factAt) };
}

/** The card without what became of the request, which an open one does not have. */
export function asked(approval: Approval, schema: Record<string, unknown>, options: CardOptions): Asked {
  const params = factsOf(approval.params, schema, options, approval.context['previous']);
  const context = factsOf(approval.context, {}, options);
  const frozen = requestBeyondParams(approval);
  const request = factsOf(frozen, REQUEST_SCHEMA, options);
  const unshown = [
    ...params.unshown.map((p) => `/params${p}`),
    ...context.unshown.map((p) => `/context${p}`),
    ...request.unshown.map((p) => `/request${p}`),
  ];
  const status = statusOf(approval, options.now_ms);
  const question = questionOf(approval, schema, options);
  const { confirm, reasonRequired } = hintsOf(schema);
  const level = approval.risk_level;
  const title = typeof schema['title'] === 'string' ? schema['title'] : undefined;
  return {
    id: approval.id,
    version: approval.version,
    status: { word: statusWord(status, options), tone: STATUS_TONES[status], open: isOpen(status) },
    risk: { level, word: riskWord(level, options), tone: RISK[level] },
    kind: inWords(title === undefined ? humanised(approval.type) : visible(title), options),
    action_type: visible(approval.action_type),
    question,
    headline: pointedFacts(approval, schema, 'headline', options, factAt).slice(0, 2),
    facts: params.facts,
    context: context.facts,
    request: request.facts,
    says: saidBy(stating(approval, schema), question.text, options),
    who: whoOf(approval, options),
    created: timeOf(approval.created_at, options),
    expires: timeOf(approval.expires_at, options),
    votes: {
      needed: approval.quorum,
      given: approval.votes
        // An approval of an older server says nothing of who counts.
        .filter((vote) => approval.waiting_for?.counted.includes(vote.approver_id) ?? true)
        .map((vote) => visible(vote.approver_name)),
    },
    actions: actionsOf(status, params.facts),
    asks: {
      confirm: typeof confirm === 'string' ? interpolated(confirm, approval.params, schema, options) : null,
      reason: REASONS.find((word) => word === reasonRequired) ?? null,
    },
    complete: unshown.length === 0,
    unshown,
    masked: params.masked.map((p) => `/params${p}`),
    leaf_count: [approval.params, approval.context, frozen].reduce(
      (sum, part) => sum + (isRecord(part) && Object.keys(part).length === 0 ? 0 : leafCount(part)),
      0,
    ),
  };
}

/** Risk in words, for lists that need no card. */
export function riskWord(level: RiskLevel, options: Worded = {}): string {
  return wordsOf(options).risk[level];
}

/**
 * The one thing asked: the template's question with values of `params` in place of `{/pointer}`; the agent's
 * summary where there is none, or where one of its values is missing.
 */
export function questionOf(
  approval: Approval,
  schema: Record<string, unknown>,
  options: CardOptions,
): Card['question'] {
  const question = hintsOf(schema)['question'];
  const filled =
    typeof question === 'string'
      ? interpolated(inWords(question, options), approval.params, schema, options)
      : null;
  if (filled === null || filled.trim() === '')
    return { text: visible(approval.action_summary), by_agent: true };
  return { text: filled, by_agent: approval.escalation_schema !== null };
}

function interpolated(
  question: string,
  params: Record<string, unknown>,
  schema: Record<string, unknown>,
  options: CardOptions,
): string | null {
  let missing = false;
  const text = question.split(/\{(\/[^{}]*)\}/).map((part, n) => {
    if (n % 2 === 0) return visible(part);
    const fact = factAt(params, schema, part, options);
    if (fact === null || fact.kind === 'empty' || fact.text === '') missing = true;
    return shortened(fact?.text ?? '');
  });
  return missing ? null : text.join('');
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > MAX_LINE_CHARS ? `${line.slice(0, MAX_LINE_CHARS - 1)}…` : line;
}

const REASONS = ['never', 'reject', 'always'] as const;

const REQUEST_SCHEMA = { 'x-ui': { order: ['method', 'url', 'headers', 'body'] } };

/** What would be sent, without a body that is `params` itself. */
function requestBeyondParams(approval: Approval): Record<string, unknown> {
  if (!approval.request) return {};
  const { body, headers, ...line } = approval.request;
  const sent = headers && Object.keys(headers).length > 0 ? { headers } : {};
  const other = body === undefined || (isRecord(body) && sameJson(body, approval.params)) ? {} : { body };
  return { ...line, ...sent, ...other };
}

function whoOf(approval: Approval, options: CardOptions): Card['who'] {
  const words = wordsOf(options).who;
  const asks = approval.agent_name ?? approval.agent_id ?? approval.requested_by.name;
  const key = asks === approval.requested_by.name ? null : visible(approval.requested_by.name);
  const details: [label: string, text: string | null][] = [
    [words.agent, approval.agent_id],
    [words.user, approval.user_id],
    [words.contact, approval.contact_name],
    [words.team, approval.team_id],
    [words.task, approval.task_id],
    [words.trace, approval.trace_id],
    [words.delegated_from, approval.delegated_from],
    [words.channel, approval.channel],
    [words.integration, approval.target_integration],
    [words.resources, approval.resource_scope],
    [words.data, approval.data_classification],
    [words.tags, approval.tags.length > 0 ? approval.tags.join(', ') : null],
  ];
  const behalf = approval.contact_name ?? approval.user_id;
  return {
    asks: visible(asks),
    key,
    on_behalf_of: behalf === null ? null : visible(behalf),
    details: details.flatMap(([label, text]) => (text === null ? [] : [{ label, text: visible(text) }])),
  };
}

function timeOf(at: string, options: CardOptions): { at: string; text: string } {
  return { at, text: instantText(at, options) ?? visible(at) };
}

const DECISIONS: readonly CardAction[] = [
  'approve',
  'deny',
  'delegate',
  'override',
  'take_over',
  'ask',
  'cancel',
];

function actionsOf(status: Approval['status'], facts: readonly CardFact[]): CardAction[] {
  if (!isOpen(status)) return [];
  return facts.some(hasEditable) ? ['approve', 'approve_with_edits', ...DECISIONS.slice(1)] : [...DECISIONS];
}

function hasEditable(fact: CardFact): boolean {
  return (
    fact.editable ||
    fact.children.some(hasEditable) ||
    fact.rows.flat().some((cell) => cell?.editable === true)
  );
}
