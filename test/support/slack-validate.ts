/**
 * `npm run slack:validate`: asks Slack itself (blocks.validate) about everything that the app draws: every state of the
 * card, both examples of every template, every dialog, App Home, lists and notices. Optional: it needs a bot token.
 *
 * Exit codes: 0 when Slack finds nothing, 1 when it finds something or could not be asked, 2 without a token.
 * Source: docs.slack.dev/reference/methods/blocks.validate (no scope; blocks, message or view; errors with a pointer).
 */
import { webApi } from '@slack/bolt';
import { type Message, notice, type View } from '../../bot/slack/block-kit.ts';
import { cardMessage } from '../../bot/slack/card-blocks.ts';
import { HELP, homeView, listMessage, strangerHome } from '../../bot/slack/home.ts';
import { clientOptions } from '../../bot/slack/web-client.ts';
import { paymentApproval, SAMPLE_TIME } from './sample-approvals.ts';
import { dialogsOf, exampleApprovals, slackStates } from './slack-states.ts';

type Drawn = { label: string } & ({ message: Message } | { view: View });
type Ask = {
  token: string;
  api_url: string | null;
  say: (line: string) => void;
  /** Waits so many seconds, as Slack asks. */
  rest: (seconds: number) => Promise<void>;
  drawn?: readonly Drawn[];
};

/** For one payload; a method with special limits may ask for a rest before each, but not for ever. */
const MAX_RESTS = 20;
const NO_TOKEN =
  'slack:validate needs a bot token (any workspace, no scope): SLACK_BOT_TOKEN=xoxb-… npm run slack:validate';

/** Everything that the app sends, drawn from the fixtures of the golden tests. */
export function everythingDrawn(): Drawn[] {
  const now_ms = Date.parse(SAMPLE_TIME) + 60_000;
  const inputs = [...slackStates(now_ms), ...exampleApprovals(now_ms)];
  const public_url = 'https://approvals.example.com';
  const approvals = inputs.map(([, { approval }]) => approval);
  const decided = approvals.slice(0, 5);
  const all: Drawn[] = [
    ...inputs.map(([label, input]) => ({ label, message: cardMessage(input) })),
    ...inputs.flatMap(([label, { approval }]) =>
      dialogsOf(approval, now_ms).map(([name, view]) => ({ label: `${label}/${name}`, view })),
    ),
    {
      label: 'home',
      view: homeView({ waiting: approvals, pending_count: 40, decided, public_url, now_ms }),
    },
    {
      label: 'home-empty',
      view: homeView({ waiting: [], pending_count: 0, decided: [], public_url, now_ms }),
    },
    { label: 'home-stranger', view: strangerHome('Your account is not linked.', public_url) },
    { label: 'list', message: listMessage('Waiting', approvals, public_url, now_ms) },
    { label: 'list-empty', message: listMessage('Waiting', [], public_url, now_ms) },
    { label: 'notice', message: notice(HELP, paymentApproval().url) },
  ];
  // What several approvals share is asked about once.
  const seen = new Set<string>();
  return all.filter(({ label: _label, ...payload }) => {
    const text = JSON.stringify(payload);
    return !seen.has(text) && seen.add(text);
  });
}

/** Prints every finding with its JSON pointer; answers the exit code. */
export async function validateAll({
  token,
  api_url,
  say,
  rest,
  drawn = everythingDrawn(),
}: Ask): Promise<0 | 1> {
  const client = new webApi.WebClient(token, clientOptions(api_url));
  let findings = 0;
  for (const one of drawn) {
    const { label } = one;
    let rests = 0;
    for (;;) {
      const answer = await asked(client, one);
      if ('rest_s' in answer && rests++ < MAX_RESTS) {
        await rest(answer.rest_s);
        continue;
      }
      if ('stop' in answer || 'rest_s' in answer) {
        say(`${label}: ${'stop' in answer ? answer.stop : 'Slack asks to wait again and again; try later.'}`);
        return 1;
      }
      for (const { pointer, code, message } of answer.findings)
        say(`${label} ${pointer ?? '/'} ${code ?? 'error'}: ${message ?? 'no reason given'}`);
      findings += answer.findings.length;
      break;
    }
  }
  say(findings === 0 ? `Slack takes all ${drawn.length}.` : `${findings} findings in ${drawn.length}.`);
  return findings === 0 ? 0 : 1;
}

type Finding = NonNullable<webApi.BlocksValidateResponse['errors']>[number];
type Answer = { findings: Finding[] } | { rest_s: number } | { stop: string };
const FOUND = new Set(['invalid_blocks', 'invalid_message', 'invalid_view']);

async function asked(client: webApi.WebClient, one: Drawn): Promise<Answer> {
  try {
    const payload = 'view' in one ? { view: one.view } : { message: { blocks: one.message.blocks } };
    await client.blocks.validate(payload as never);
    return { findings: [] };
  } catch (error) {
    if (error instanceof webApi.WebAPIRateLimitedError) return { rest_s: error.retryAfter };
    if (!(error instanceof webApi.WebAPIPlatformError))
      return {
        stop: `Slack could not be asked (${error instanceof Error ? error.message : String(error)}).`,
      };
    const { error: code, errors } = error.data as webApi.BlocksValidateResponse & { error: string };
    // A payload that is refused without a list still counts as one finding.
    if (FOUND.has(code)) return { findings: errors?.length ? errors : [{ code }] };
    if (code === 'unknown_method')
      return { stop: 'This Slack does not know blocks.validate, so nothing was checked.' };
    return { stop: `Slack says ${code}. Check the token.` };
  }
}

if (import.meta.main) {
  const token = process.env['SLACK_BOT_TOKEN'] ?? '';
  if (token === '') {
    process.stderr.write(`${NO_TOKEN}\n`);
    process.exitCode = 2;
  } else {
    process.exitCode = await validateAll({
      token,
      api_url: process.env['SLACK_API_URL'] || null,
      say: (line) => void process.stdout.write(`${line}\n`),
      rest: (seconds) => new Promise((again) => setTimeout(again, seconds * 1000)),
    });
  }
}
