/**
 * Who would be asked for a request and when, and who may decide on one that exists. Nothing is stored or sent.
 * INVARIANT: it looks through the same eyes as the real thing: routing, rights and places are computed by the same code.
 */
import { hash } from 'node:crypto';
import type { Approval, CreateApproval } from '../../schemas/approval.ts';
import type { Member } from '../../schemas/people.ts';
import type { RoutingView, Simulation } from '../../schemas/routing.ts';
import type { Settings } from '../../schemas/settings.ts';
import { isRefusal, refusal, type Refusal } from '../core/commands.ts';
import { countOf, type Knowing, nameOf, rightOf, TIE_WORDS, tieOf, unmetOf } from '../core/eligibility.ts';
import { instant } from '../core/instant.ts';
import { placesOf, type Reach } from '../core/notify-plan.ts';
import type { Steps, Tables } from '../core/ports.ts';
import { type Place, reminderTimes } from '../core/posts.ts';
import type { Principal } from '../core/principal.ts';
import { newApproval } from '../core/request.ts';
import { executionWindowOf } from '../core/routes.ts';
import type { Deps } from './deps.ts';
import { directoryOf } from './directory.ts';
import { noList } from './groups.ts';
import type { InstallationsCase } from './installations.ts';
import { reachOf } from './notifying.ts';
import { routed, unreachable } from './routing.ts';
import type { SettingsCase } from './settings.ts';

export type Simulator = {
  /** Refuses what POST /v1/approvals would refuse, but for routing, whose problems are told. */
  simulate(principal: Principal, input: CreateApproval): Promise<Simulation | Refusal>;
  /** Who may decide on an approval now. */
  view(principal: Principal, id: string): Promise<RoutingView | Refusal>;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'channels' | 'public_url'> & {
  settings: SettingsCase;
  installations: InstallationsCase;
};

/** Whoever tries it out, it is an agent that will ask. */
const AN_AGENT = { kind: 'agent', id: 'simulated', name: 'An agent', via: 'api', agent_id: null } as const;

export function createSimulator(shared: Shared): Simulator {
  const { store, clock, ids, channels, settings, installations, public_url } = shared;
  return {
    simulate: async (principal, input) => {
      const no = noList(principal);
      if (no) return no;
      const limits = await settings.of(principal.workspace_id);
      const now_ms = clock.now();
      const { workspace_id } = principal;
      const asker = { ...AN_AGENT, workspace_id };
      const approval = newApproval(input, {
        id: ids.make('apr', now_ms),
        conversation_id: ids.make('cnv', now_ms),
        now_ms,
        principal: asker,
        settings: limits,
        params_digest: hash('sha256', '{}'),
        url: public_url,
      });
      if (isRefusal(approval)) return approval;
      const teams = installations.enabled ? (await installations.places.teamsOf(workspace_id)).installed : [];
      return store.read((t) =>
        simulated(t, approval, { settings: limits, now_ms, principal: asker }, (one) =>
          reachOf(t, channels, { approval: one, settings: limits, teams, now_ms }),
        ),
      );
    },
    view: async (principal, id) => {
      const no = noList(principal);
      if (no) return no;
      const limits = await settings.of(principal.workspace_id);
      return store.read(function* (t) {
        const stored = yield* t.approvals.get(principal.workspace_id, id);
        if (!stored) return refusal('not_found', 'There is no such approval in this workspace.');
        const { approval } = stored;
        const directory = yield* directoryOf(t, approval, 'all');
        const know = { directory, settings: limits, now_ms: clock.now() };
        return viewOf(approval, know, []);
      });
    },
  };
}

type Asking = { settings: Settings; now_ms: number; principal: Principal };

function* simulated(
  t: Tables,
  approval: Approval,
  asking: Asking,
  reachable: (approval: Approval) => Steps<Reach>,
): Steps<Simulation> {
  const directory = yield* directoryOf(t, approval, 'all');
  const know = { directory, settings: asking.settings, now_ms: asking.now_ms };
  const refused = yield* routed(t, approval, { ...asking, directory });
  const problems = isRefusal(refused)
    ? (refused.issues ?? []).map(({ location, message }) => `${location} ${message}.`)
    : [];
  const reach = yield* reachable(approval);
  return {
    would_gate: true,
    risk_level: approval.risk_level,
    ...viewOf(approval, know, problems),
    told: toldOf(approval, asking.settings, reach),
    expires_at: approval.expires_at,
    execution_window_s: executionWindowOf(approval, asking.settings),
    resource_key: approval.resource_key,
  };
}

function viewOf(approval: Approval, know: Knowing, found: readonly string[]): RoutingView {
  const eligible: RoutingView['eligible'] = [];
  const excluded: RoutingView['excluded'] = [];
  const users = approval.assignees.filter((id) => id.startsWith('user:'));
  for (const id of [...know.directory.deciders.keys(), ...users]) {
    const named = { id, name: nameOf(id, know.directory) };
    const right = rightOf(approval, id, know);
    const tie = tieOf(approval, id, know);
    if (right.may) eligible.push({ ...named, why: right.why });
    else if (tie !== null) excluded.push({ ...named, why: TIE_WORDS[tie] });
  }
  const out = unreachable(approval, know);
  const stuck = out && found.length === 0 ? [`${out.location.replace('body/', '')} ${out.message}.`] : [];
  return {
    quorum: approval.quorum,
    requirement: approval.requirement,
    eligible,
    excluded,
    waiting_for: {
      counted: countOf(approval, approval.votes, know).counted,
      needs: unmetOf(approval, know),
      reachable: out === null,
    },
    escalation: approval.escalation,
    problems: [...found, ...stuck],
  };
}

type Told = Simulation['told'];

/** The first place of each list, now, at the reminders, and at each step of the escalation. */
function toldOf(approval: Approval, settings: Settings, reach: Reach): Told {
  const places = firstPlaces(placesOf(approval, settings, reach));
  const remind = reminderTimes(approval);
  const told: Told = places.flatMap((place) => [
    toldAt(approval.created_at, place, reach, 'request'),
    ...remind.map((at_ms) => toldAt(instant(at_ms), place, reach, 'reminder')),
  ]);
  let known = places;
  let now = approval;
  for (const [n, { at, to }] of approval.escalation.entries()) {
    const assignees = now.assignees.length === 0 ? [] : [...new Set([...now.assignees, ...to])];
    const escalation = now.escalation.map((step, m) => (m === n ? { ...step, done: true } : step));
    now = { ...now, assignees, escalation };
    const all = firstPlaces(placesOf(now, settings, reach));
    for (const place of all.filter((one) => !known.some((old) => isSame(old, one)))) {
      told.push(toldAt(at, place, reach, 'escalation'));
      const later = remind.filter((at_ms) => at_ms > Date.parse(at));
      told.push(...later.map((at_ms) => toldAt(instant(at_ms), place, reach, 'reminder')));
    }
    known = all;
  }
  return told.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function firstPlaces(lists: readonly Place[][]): Place[] {
  return lists.flatMap(([first]) => (first ? [first] : []));
}

function isSame(a: Place, b: Place): boolean {
  return a.channel === b.channel && a.to === b.to;
}

function toldAt(at: string, { channel, to }: Place, reach: Reach, kind: Told[number]['kind']): Told[number] {
  const isAt = ({ id, email }: Member) =>
    channel === 'email' ? email === to : channel === 'slack' && reach.slack_users.get(id) === to;
  const who = reach.members.filter(isAt).map(({ id, name }) => ({ id, name }));
  return { at, who, channel, kind };
}
