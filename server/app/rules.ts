/**
 * Saving, reading and removing rules.
 * INVARIANT: only admins change rules, and agents can't read them; a removed rule decides nothing more, at once.
 * Left out: deciding by them (rule-decider.ts) and what they would have done (rule-preview.ts).
 */
import type { PendingChange } from '../../schemas/policy-change.ts';
import type { CreateRule, Rule, RulePreview, SavedRule } from '../../schemas/rule.ts';
import { isRefusal, type Refusal, invalid, refusal } from '../core/commands.ts';
import { ruleDifferences } from '../core/loosening-others.ts';
import type { NewRule } from '../core/policy-tables.ts';
import type { Steps, Tables } from '../core/ports.ts';
import { type Principal, refOf } from '../core/principal.ts';
import { type CompiledRule, compileRule, ruleIssues } from '../core/rule-match.ts';
import { warningsOf } from '../core/rule-warnings.ts';
import type { ChangeKind, Changed, Changes } from './changes.ts';
import type { Deps } from './deps.ts';
import type { Known } from './known.ts';
import type { OnceKey } from './once.ts';
import { notAdmin } from './people.ts';
import { createRulePreview } from './rule-preview.ts';
import type { SettingsCase } from './settings.ts';

export type Rules = {
  /** Refuses `invalid_input` for what can't be run safely, `conflict` when there are too many. */
  add(principal: Principal, input: CreateRule, once: OnceKey | null): Promise<Changed | Refusal>;
  list(principal: Principal, after: string | null, limit: number): Promise<Rule[] | Refusal>;
  get(principal: Principal, id: string): Promise<Rule | Refusal>;
  /** Null when it is gone; what was asked of another admin where it held something back. */
  remove(principal: Principal, id: string): Promise<null | PendingChange | Refusal>;
  preview(principal: Principal, input: CreateRule): Promise<RulePreview | Refusal>;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids'> & {
  known: Known<readonly CompiledRule[]>;
  settings: SettingsCase;
  changes: Changes;
};

/** Each is looked at for every request; a workspace that needs more has settings to make. */
const MAX_RULES = 500;
const NOT_FOUND = refusal('not_found', 'There is no such rule in this workspace.');

export function createRules(shared: Shared): Rules {
  const { store, clock, known, changes } = shared;
  const kind = changes.register(ruleKind(known));
  const preview = createRulePreview(shared);
  return {
    add: async (principal, input, once) => {
      const no = notAdmin(principal) ?? refuseRule(input, clock.now());
      if (no) return no;
      return changes.make(principal, kind, { add: newRule(shared, principal, input) }, once);
    },
    list: async (principal, after, limit) => {
      const no = notReader(principal);
      if (no) return no;
      return store.read((t) => t.rules.list(principal.workspace_id, after, limit));
    },
    get: async (principal, id) => {
      const no = notReader(principal);
      if (no) return no;
      return (await store.read((t) => t.rules.get(principal.workspace_id, id))) ?? NOT_FOUND;
    },
    remove: async (principal, id) => {
      const no = notAdmin(principal);
      if (no) return no;
      const done = await changes.make(principal, kind, { remove: id });
      if (isRefusal(done)) return done;
      return done.pending ? (JSON.parse(done.text) as PendingChange) : null;
    },
    preview: async (principal, input) => {
      const no = notReader(principal) ?? refuseRule(input, clock.now(), 'body/rule');
      return no ?? preview(principal, newRule(shared, principal, input));
    },
  };
}

type RuleArgs = { add: NewRule } | { remove: string };

/** A rule that approves loosens, as does taking back one that denies or requires. */
function ruleKind(known: Known<readonly CompiledRule[]>): ChangeKind<RuleArgs> {
  return {
    name: 'rule',
    title: (args) => ('add' in args ? `Save the rule “${args.add.name}”` : 'Remove a rule'),
    *read(t, args, { workspace_id }) {
      return 'add' in args ? null : ((yield* t.rules.get(workspace_id, args.remove)) ?? NOT_FOUND);
    },
    differences: (base, args) =>
      'add' in args ? ruleDifferences(null, args.add) : ruleDifferences(base as Rule, null),
    *write(t, args, { workspace_id, by, now_ms }) {
      if ('add' in args) return yield* insert(t, workspace_id, args.add, now_ms);
      const gone = yield* t.rules.remove(workspace_id, args.remove, new Date(now_ms).toISOString(), by);
      return gone ? null : NOT_FOUND;
    },
    made: known.forget,
  };
}

function* insert(t: Tables, workspace_id: string, rule: NewRule, now_ms: number): Steps<SavedRule | Refusal> {
  if ((yield* t.rules.count(workspace_id)) >= MAX_RULES) {
    return refusal(
      'conflict',
      `There are ${MAX_RULES} rules, which is the most; remove one that is not used.`,
    );
  }
  const others = (yield* t.rules.live(workspace_id, now_ms)).map(compileRule);
  const warnings = warningsOf(compileRule(rule), others, now_ms);
  yield* t.rules.insert(workspace_id, rule);
  return { ...rule, uses: 0, shadow_uses: 0, warnings };
}

/** What can't be run safely or would never decide is refused before it is stored. */
function refuseRule(input: CreateRule, now_ms: number, root = 'body'): Refusal | null {
  const issues = ruleIssues(input, root);
  if (input.expires_at && Date.parse(input.expires_at) <= now_ms) {
    issues.push({ location: `${root}/expires_at`, message: 'is in the past' });
  }
  return issues.length > 0 ? invalid(...issues) : null;
}

function newRule({ clock, ids }: Pick<Deps, 'clock' | 'ids'>, by: Principal, input: CreateRule): NewRule {
  const now = clock.now();
  return {
    id: ids.make('rul', now),
    name: input.name,
    effect: input.effect ?? 'approve',
    mode: input.mode ?? 'active',
    match: input.match,
    applies_to: input.applies_to ?? {},
    expires_at: input.expires_at ? new Date(Date.parse(input.expires_at)).toISOString() : null,
    max_uses: input.max_uses ?? null,
    created_at: new Date(now).toISOString(),
    created_by: refOf(by),
  };
}

function notReader({ kind }: Principal): Refusal | null {
  if (kind === 'member' || kind === 'service') return null;
  return refusal('forbidden', 'Only members and service keys can read rules.');
}
