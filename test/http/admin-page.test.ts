/** The shell of the admin pages: who gets it, and that it names the sections that its script has. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { SECTIONS } from '../../components/admin-sections.ts';
import type { SignInLink } from '../../schemas/people.ts';
import { ADMIN_SECTIONS } from '../../server/http/admin-page.ts';
import { call } from '../support/call.ts';
import { addPerson, signIn, startCountersign } from '../support/server.ts';

describe('the admin pages', async () => {
  const server = await startCountersign();
  after(() => server.stop());
  const { url, keys, first } = server;
  const cookieOf = async (member_id: string): Promise<string> => {
    const path = `/v1/members/${member_id}/sign-in-link`;
    return signIn((await call<SignInLink>(url, keys.personal, 'POST', path, {})).body.sign_in_url);
  };
  const page = async (path: string, Cookie = '') => {
    const response = await fetch(url + path, { headers: { Cookie }, redirect: 'manual' });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const admin = await cookieOf(first.member_id);

  test('an admin gets the shell at the address of every section, under the policy of all pages', async () => {
    assert.deepEqual(
      ADMIN_SECTIONS,
      SECTIONS.map(([name]) => name),
    );
    for (const name of ['', ...ADMIN_SECTIONS.map((one) => `/${one}`)]) {
      const { status, text } = await page(`/admin${name}`, admin);
      assert.equal(status, 200);
      assert.ok(text.includes(`<human-admin section="${name.slice(1)}" item="">`), text);
    }
    const { headers, text } = await page('/admin/webhooks/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E', admin);
    assert.ok(!text.includes('<script>alert'));
    assert.match(
      headers.get('content-security-policy') ?? '',
      /default-src 'self';.*require-trusted-types-for/,
    );
    assert.equal((await page('/admin/nothing', admin)).status, 404);
  });

  test('a viewer and a reviewer read who can do it, and get nothing of the page; the inbox leads only admins there', async () => {
    for (const role of ['viewer', 'reviewer'] as const) {
      const cookie = await cookieOf((await addPerson(server, role)).id);
      const { status, text } = await page('/admin/keys', cookie);
      assert.equal(status, 403);
      assert.ok(text.includes(`You are a ${role}`) && text.includes('Ask Admin.'), text);
      assert.ok(!text.includes('human-admin'));
      assert.ok(!(await page('/', cookie)).text.includes('href="/admin"'));
    }
    assert.ok((await page('/', admin)).text.includes('href="/admin"'));
  });

  test('a stranger signs in first, and comes back to the section', async () => {
    const { status, text } = await page('/admin/rules');
    assert.equal(status, 401);
    assert.ok(text.includes('/sign-in?next=%2Fadmin%2Frules'), text);
  });
});
