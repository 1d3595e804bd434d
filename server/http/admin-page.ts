/**
 * The admin pages: one shell for every section, which <human-admin> fills.
 *
 * INVARIANT: only a signed-in admin gets the shell; everybody else is told who can do it. The API behind it asks again.
 * Left out: what the sections do (components/admin-*.ts) and what may be changed (the API's routes).
 */
import type { Request, Response, Router } from 'express';
import type { People } from '../app/people.ts';
import { isRefusal } from '../core/commands.ts';
import type { MemberPrincipal } from '../core/principal.ts';
import { html, type Html } from './html.ts';
import { sendPage } from './page-frame.ts';
import { signInPath } from './sign-in-pages.ts';

/** Held against the sections of components/admin-sections.ts by a test. */
export const ADMIN_SECTIONS = [
  'members',
  'groups',
  'agents',
  'rules',
  'gates',
  'trust',
  'settings',
  'keys',
  'webhooks',
  'embed',
  'changes',
];
/** More admins than this are not named. */
const NAMED = 5;
const LOOKED_AT = 200;

type AdminPages = {
  people: People;
  who: (request: Request) => Promise<MemberPrincipal | null>;
  topBar: (person: MemberPrincipal) => Html;
};

export function bindAdminPages(router: Router, { people, who, topBar }: AdminPages): void {
  const answer = async (request: Request, response: Response): Promise<void> => {
    const person = await who(request);
    if (!person) return sendPage(response, 401, 'Sign in', signInFirst(request.path));
    if (person.role !== 'admin') {
      const names = await adminsOf(people, person);
      return sendPage(response, 403, 'For admins', html`${topBar(person)} ${forAdmins(person, names)}`);
    }
    const { section = '', item = '' } = request.params as { section?: string; item?: string };
    if (section !== '' && !ADMIN_SECTIONS.includes(section)) {
      return sendPage(response, 404, 'Not here', html`${topBar(person)} ${notHere()}`);
    }
    const page = html`${topBar(person)}<human-admin section="${section}" item="${item}"></human-admin>
      <script type="module" src="/assets/human-admin.js"></script>`;
    const title = section === '' ? 'Administration' : section.charAt(0).toUpperCase() + section.slice(1);
    return sendPage(response, 200, title, page);
  };
  router.get('/admin', answer);
  router.get('/admin/:section', answer);
  router.get('/admin/:section/:item', answer);
}

async function adminsOf(people: People, person: MemberPrincipal): Promise<string[]> {
  const all = await people.list(person, null, LOOKED_AT);
  return isRefusal(all) ? [] : all.filter(({ role }) => role === 'admin').map(({ name }) => name);
}

function forAdmins({ role }: MemberPrincipal, names: readonly string[]): Html {
  const more = names.length > NAMED ? ' and others' : '';
  const who =
    names.length === 0 ? 'an admin of this workspace' : `${names.slice(0, NAMED).join(', ')}${more}`;
  return html`<main class="message">
    <h1>These pages are for admins</h1>
    <p>You are a ${role}: you can’t see or change how this workspace works. Ask ${who}.</p>
    <p><a href="/">Go to the inbox</a></p>
  </main>`;
}

function notHere(): Html {
  return html`<main class="message">
    <h1>There is no such page</h1>
    <p><a href="/admin">All admin pages</a></p>
  </main>`;
}

function signInFirst(path: string): Html {
  return html`<main class="message">
    <h1>Sign in</h1>
    <p>This page is for admins of a workspace.</p>
    <p><a class="button" href="${signInPath(path)}">Sign in</a></p>
  </main>`;
}
