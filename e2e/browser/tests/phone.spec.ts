import { expectAccessible } from '../support/axe.ts';
import { channel } from '../support/api.ts';
import { expect, test } from '../support/test.ts';

const phone = { viewport: { width: 390, height: 844 }, touch: true };

test('a phone shows one thing at a time', async ({ arrive }) => {
  const ann = await arrive('ann', phone);
  const bob = await arrive('bob');
  await channel(ann, 'pocket');
  await expect(ann.room('pocket')).not.toBeInViewport();
  await fits(ann.page);
  await ann.says('from a phone');
  await bob.says('from a desk');
  await ann.sees('from a desk');
  await expectAccessible(ann.page, 'a room on a phone');

  await ann.button(ann.t.shell.openSidebar).tap();
  await expect(ann.room('pocket')).toBeInViewport();
  await expectAccessible(ann.page, 'the drawer on a phone');
  await ann.room('pocket').tap();
  await expect(ann.page.getByRole('heading', { name: 'pocket', level: 1 })).toBeVisible();
  await expect(ann.room('general')).not.toBeInViewport();
  await fits(ann.page);

  for (const path of ['settings', 'settings/sessions', 'browse']) {
    await ann.go(path);
    await expect(ann.page.getByRole('heading', { level: 1 })).toBeVisible();
    await fits(ann.page);
    await expectAccessible(ann.page, `${path} on a phone`);
  }
});

test('what one touches is large enough for a finger', async ({ arrive }) => {
  const ann = await arrive('ann', phone);
  await ann.says('tap me');
  const small = await ann.page.evaluate(() => {
    const wanted = document.querySelectorAll<HTMLElement>('header button, .composer button, nav a, nav button');
    return [...wanted]
      .filter((element) => element.checkVisibility() && element.closest('[inert]') === null)
      .map((element) => ({ name: element.ariaLabel ?? element.innerText, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
      .map(({ name, box }) => `${name}: ${Math.round(box.width)} × ${Math.round(box.height)}`);
  });
  expect(small).toEqual([]);
});

test('the narrowest screens and the largest text still show everything', async ({ arrive }) => {
  const ann = await arrive('ann', { viewport: { width: 320, height: 640 } });
  await ann.says('a word_without_any_place_to_break_it_'.repeat(8));
  await fits(ann.page);
  await ann.go('settings/profile');
  await fits(ann.page);
});

/** Nothing is wider than the screen. */
async function fits(page: import('@playwright/test').Page): Promise<void> {
  const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(wide).toBeLessThanOrEqual(screen ?? 0);
}
