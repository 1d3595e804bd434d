/**
 * Changes of the policy: what loosens it waits for another admin, where there is one; everything else is done at once.
 *
 * INVARIANT: what loosens is judged, and done or asked for, in one transaction that holds the workspace's row, so that no
 * other change of the policy comes between.
 * Left out: making what was approved (change-runs.ts), what loosens (core/loosening.ts), and what each kind of change is (its own use case).
 */
import type { Approval, CreateApproval } from '../../schemas/approval.ts';
import type { Member } from '../../schemas/people.ts';
import { CHANGE_SCHEMA, OWN_ACTIONS, type PendingChange } from '../../schemas/policy-change.ts';
import { type Context, isRefusal, type Refusal } from '../core/commands.ts';
import { type Difference, sentenceOf } from '../core/loosening.ts';
import type { Steps, Tables } from '../core/ports.ts';
import { type Principal, refOf } from '../core/principal.ts';
import { contextOf, hearersOf } from './approvals.ts';
import { insert, prepare } from './asking.ts';
import type { Deps } from './deps.ts';
import type { Feed } from './feed.ts';
import { type OnceKey, onceOnly } from './once.ts';
import { type Hearers, isHeard } from './record.ts';
import type { SettingsCase } from './settings.ts';
import type { Endpoints } from './webhook-endpoints.ts';

/** Who makes a change, and when. */
export type Making = { workspace_id: string; by: ReturnType<typeof refOf>; now_ms: number };

/**
 * One kind of change. `args` is plain JSON: it is what waits for approval. `read` answers what the change is made on,
 * `write` makes it and answers what the caller is told; both as plain JSON, or a refusal.
 */
export type ChangeKind<A> = {
  name: string;
  title: (args: A) => string;
  read(t: Tables, args: A, making: Making): Steps<unknown>;
  differences(base: unknown, args: A): readonly Difference[];
  write(t: Tables, args: A, making: Making): Steps<unknown>;
  /** After the commit: forget what was known. */
  made(workspace_id: string): void;
};

/** The answer as text; `pending` where it waits for another admin. */
export type Changed = { text: string; replayed: boolean; pending: boolean };

export type Changes = {
  /** Says what a kind of change is; once, before any is made or run. */
  register<A>(kind: ChangeKind<A>): ChangeKind<A>;
  make<A>(
    principal: Principal,
    kind: ChangeKind<A>,
    args: A,
    once?: OnceKey | null,
  ): Promise<Changed | Refusal>;
  /** What a kind of change is, by its name. */
  kindOf(name: string): ChangeKind<unknown> | undefined;
};

type Shared = Pick<
  Deps,
  'store' | 'clock' | 'ids' | 'log' | 'executor' | 'outbound' | 'public_url' | 'sealer' | 'channels'
> & {
  feed: Feed;
  due: (at_ms: number) => void;
  settings: SettingsCase;
  endpoints: Endpoints;
};

/** Long enough for a weekend; what changes meanwhile voids it. */
const LIFE_S = 3 * 86_400;
const ADMINS_AT_ONCE = 200;
/** More admins than this are not named; any admin may decide. */
const MAX_ASKED = 50;

type AnyKind = ChangeKind<unknown>;
/** What waits for approval, and what it was asked for on: the frozen text of its approval. */
export type Waiting = { kind: string; args: unknown; base: unknown };

export function createChanges(shared: Shared): Changes {
  const { store, feed, due, log } = shared;
  const kinds = new Map<string, AnyKind>();
  return {
    register: (kind) => {
      kinds.set(kind.name, kind as AnyKind);
      return kind;
    },
    make: async (principal, kind, args, once = null) => {
      const context = await contextOf(shared, principal);
      const hearers = await hearersOf(shared, context);
      const { workspace_id } = principal;
      const made: Outcome = {};
      const answer = await store.tx((t) =>
        onceOnly(t, principal, once, context.now_ms, function* () {
          yield* t.workspaces.lock(workspace_id);
          const making = { workspace_id, by: refOf(principal), now_ms: context.now_ms };
          const base = yield* kind.read(t, args, making);
          if (isRefusal(base)) return base;
          const differences = kind.differences(base, args);
          const loosens = differences.filter((one) => one.loosens).map(sentenceOf);
          const others = loosens.length > 0 ? yield* otherAdmins(t, workspace_id, principal.id) : [];
          made.alone = others.length === 0 ? loosens : [];
          if (others.length === 0) return textOf(yield* kind.write(t, args, making));
          const waiting = { kind: kind.name, args, base };
          const asking: Asking = { waiting, title: kind.title(args), differences, others, context, hearers };
          return yield* ask(t, shared, asking, made);
        }),
      );
      if (isRefusal(answer)) return answer;
      kind.made(workspace_id);
      if (!answer.replayed && made.alone && made.alone.length > 0) {
        // There is no record of a workspace, only of approvals.
        const { id: member_id } = principal;
        log.warn({ workspace_id, member_id, loosens: made.alone }, 'the only admin loosened the policy');
      }
      if (made.asked && !answer.replayed) {
        due(isHeard(hearers) ? context.now_ms : Date.parse(made.asked.expires_at));
        feed.changed([made.asked.id]);
      }
      return { ...answer, pending: isPending(answer.text) };
    },
    kindOf: (name) => kinds.get(name),
  };
}

/** What came of a change: the approval that it waits for, or what its only admin made looser. */
type Outcome = { asked?: Approval; alone?: string[] };

function textOf(made: unknown): string | Refusal {
  return isRefusal(made) ? made : JSON.stringify(made);
}

function isPending(text: string): boolean {
  return text.startsWith('{"status":"pending_approval"');
}

function* otherAdmins(t: Tables, workspace_id: string, but: string): Steps<string[]> {
  const found: string[] = [];
  for (let after: string | null = null; ;) {
    const page: Member[] = yield* t.people.list(workspace_id, after, ADMINS_AT_ONCE);
    found.push(...page.filter(({ id, role }) => role === 'admin' && id !== but).map(({ id }) => id));
    after = page.at(-1)?.id ?? null;
    if (page.length < ADMINS_AT_ONCE) return found;
  }
}

type Asking = {
  waiting: Waiting;
  title: string;
  differences: readonly Difference[];
  others: readonly string[];
  context: Context;
  hearers: Hearers;
};

/** Stores the approval that a change waits for; policy is not asked, since nothing but a person may decide on it. */
function* ask(
  t: Tables,
  shared: Shared,
  { waiting, title, differences, others, context, hearers }: Asking,
  made: Outcome,
): Steps<string | Refusal> {
  const loosens = differences.filter((one) => one.loosens).map(sentenceOf);
  const changes = differences.map(({ what, before, after }) => [what, { before, after }] as const);
  const input: CreateApproval = {
    type: 'policy_exception',
    action_type: `${OWN_ACTIONS}${waiting.kind}.change`,
    action_summary: title,
    params: { loosens, changes: Object.fromEntries(changes) },
    risk_level: 'high',
    escalation_schema: CHANGE_SCHEMA,
    assignees: others.slice(0, MAX_ASKED),
    expires_in_s: LIFE_S,
    if_denied: 'Everything stays as it is.',
  };
  const asked = prepare({ ...shared, own: true }, input, JSON.stringify(waiting), context, hearers);
  if (isRefusal(asked)) return asked;
  const stored = yield* insert(t, asked, { ask: null, ids: shared.ids, decided: false });
  if (isRefusal(stored)) return stored;
  const { approval } = asked.stored;
  made.asked = approval;
  const pending: PendingChange = {
    status: 'pending_approval',
    approval_id: approval.id,
    action_type: approval.action_type,
    title,
    loosens,
  };
  return JSON.stringify(pending);
}
