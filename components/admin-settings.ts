/**
 * <admin-settings>: the workspace's settings, drawn from their schema, so that a new one appears by itself.
 * Left out: what a setting means (the schema's descriptions say it) and the defaults.
 */
import { html, type TemplateResult } from 'lit';
import type { Member } from '../schemas/people.ts';
import './admin-form.ts';
import { type Field, fieldsOf, type Hint, type Hints, type Option } from './admin-fields.ts';
import { type Group, optionsOf } from './admin-people.ts';
import { AdminSection } from './admin-section.ts';

const ASSURANCES = {
  link: 'Link: holds a link that was mailed to them',
  linked: 'Linked: a Slack account or address that is linked to them',
  session: 'Session: signed in here',
  passkey: 'Passkey: signed in with a passkey',
};
const LEVELS = ['low', 'medium', 'high', 'critical'];

const HINTS: Hints = {
  '/life_s': { label: 'Time to decide' },
  '/assurance': { label: 'How sure who decides' },
  ...Object.fromEntries(LEVELS.map((level) => [`/assurance/${level}`, { words: ASSURANCES }])),
  '/notify/slack_channel': { label: 'Slack channel', placeholder: 'C0123456789' },
  '/notify': { label: 'Where people are told' },
  '/channel_limits': { label: 'Highest risk approved in a channel' },
  '/execution_window_s': { label: 'Time to start what was approved' },
  '/execution_window_by_risk': { label: 'Time to start, by risk' },
  '/quorum': { label: 'How many have to approve' },
  '/routes/-/action_type': { label: 'Action', placeholder: 'payments.*' },
  '/routes/-/risk': { label: 'Only at these risks' },
  '/routes/-/quorum': { label: 'How many approve' },
  '/routes/-/requirement': { label: 'Who exactly, as JSON', placeholder: '{ "n": 2, "of": "grp_…" }' },
  '/routes/-/escalation': { label: 'When nobody decides' },
  '/routes/-/escalation/-/after_s': {
    label: 'After',
    help: 'How long after the request these are asked too, if it is still open.',
    placeholder: '2 h',
  },
  '/routes/-/execution_window_s': { label: 'Time to start', placeholder: '1 d' },
  '/trust': { label: 'Trust budgets' },
  '/trust/usd_per_window': { label: 'US dollars per window' },
  '/mail_minimal': { label: 'Mails without contents, by classification' },
  '/mail_minimal_all': { label: 'All mails without contents' },
  '/mail_digest_after': { label: 'Mails one by one, within 10 minutes' },
  '/slack_by_email': { label: 'Slack accounts by their address' },
  '/risk_floor': { label: 'Risk floor', placeholder: 'payments.*' },
  '/idempotent_targets': { label: 'Hosts where a run may be repeated', placeholder: 'api.example.com' },
};

/** What belongs together. A setting that stands nowhere here comes under "Other". */
const PARTS: readonly (readonly [title: string, starts: readonly string[]])[] = [
  ['Deciding', ['life_s', 'assurance', 'allow_self_approval', 'quorum', 'risk_floor', 'routes']],
  ['After the decision', ['execution_window', 'idempotent_targets']],
  ['Telling people', ['notify', 'slack', 'channel_limits', 'mail', 'reminder']],
  ['Trust', ['trust']],
];

export class AdminSettings extends AdminSection {
  protected override heading = 'Settings';
  protected override lead =
    'How this workspace decides, whom it tells, and what an approved action may still do. Times are written like 90 min, 4 h or 7 d.';
  #settings: unknown = {};
  #who: Option[] = [];

  protected override async load(): Promise<void> {
    this.#settings = await this.get('/v1/settings');
    const groups = await this.listIfAny<Group>('/v1/groups');
    const members = await this.listIfAny<Member>('/v1/members');
    this.#who = optionsOf([...groups, ...members.filter(({ role }) => role !== 'viewer')]);
  }

  get #hints(): Hints {
    const who: Hint = this.#who.length > 0 ? { kind: 'choices', options: this.#who } : {};
    return {
      ...HINTS,
      '/routes/-/assignees': { ...who, label: 'Who is asked' },
      '/routes/-/escalation/-/to': { ...who, label: 'Who else' },
    };
  }

  protected override content(): TemplateResult {
    // Of the settings and not of a change of them: there, what may be left out loses its description.
    const { look } = this.described;
    const fields = fieldsOf(look('Settings') ?? {}, look, this.#hints);
    const parts = grouped(fields);
    return html`${parts.map(
      ([title, some]) =>
        html`<section class="card" aria-label=${title}>
          <h2>${title}</h2>
          <admin-form
            sticky
            about=${title}
            .fields=${some}
            .value=${this.#settings}
            .save=${async (_: unknown, patch: Record<string, unknown>) =>
              (await this.send('PUT', '/v1/settings', patch, 'The settings are saved, and hold from now on.'))
                .issues}
          ></admin-form>
        </section>`,
    )}`;
  }
}

function grouped(fields: readonly Field[]): [string, Field[]][] {
  const partOf = ({ at }: Field): string =>
    PARTS.find(([, starts]) => starts.some((start) => at.startsWith(`/${start}`)))?.[0] ?? 'Other';
  return [...PARTS.map(([title]) => title), 'Other'].flatMap((title) => {
    const some = fields.filter((field) => partOf(field) === title);
    return some.length > 0 ? [[title, some]] : [];
  });
}

if (!customElements.get('admin-settings')) customElements.define('admin-settings', AdminSettings);
