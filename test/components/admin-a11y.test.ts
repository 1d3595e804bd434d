/** The admin pages: axe finds nothing in any section, narrow and wide, light and dark; nothing scrolls sideways. */
import { expect } from '@open-wc/testing';
import { emulateMedia, setViewport } from '@web/test-runner-commands';
import { SECTIONS } from '../../components/admin-sections.ts';
import { open } from './admin-opened.ts';

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [320, 900]) {
    describe(`the admin pages in ${scheme} at ${width} px`, () => {
      before(async () => {
        await emulateMedia({ colorScheme: scheme });
        await setViewport({ width, height: 800 });
        document.documentElement.style.colorScheme = 'light dark';
        document.documentElement.lang = 'en';
      });

      for (const name of ['', ...SECTIONS.map(([one]) => one), 'webhooks/whk_01HOOK000001']) {
        it(`${name || 'the overview'} has no axe finding and does not scroll sideways`, async () => {
          const [section = '', item = null] = name.split('/');
          const { admin, root } = await open(section, item);
          root.querySelector<HTMLElement>('div > .approve')?.click();
          await admin.updateComplete;
          await new Promise(requestAnimationFrame);
          for (const details of root.querySelectorAll('details')) details.open = true;
          expect(document.documentElement.scrollWidth).to.be.at.most(width);
          await expect(admin).to.be.accessible();
        });
      }
    });
  }
}
