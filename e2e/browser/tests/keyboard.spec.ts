import { channel } from '../support/api.ts';
import { password } from '../support/person.ts';
import { expect, test } from '../support/test.ts';

test('everything that matters can be done without a mouse', async ({ arrive, visit }) => {
  const owner = await arrive('owner');
  await channel(owner, 'second');
  const ann = await visit('owner');
  const keys = ann.page.keyboard;
  await ann.go('login');

  // Signing in: Tab reaches the fields in their order.
  await ann.field(ann.t.sign.username).waitFor();
  await keys.press('Tab');
  await ann.field(ann.t.sign.username).focus();
  await keys.type('owner');
  await keys.press('Tab');
  await expect(ann.field(ann.t.sign.password)).toBeFocused();
  await keys.type(password);
  await keys.press('Enter');
  await ann.isInside();

  // Writing, going to another room and back.
  await keys.press('Control+Shift+L');
  await expect(ann.composer).toBeFocused();
  await keys.type('typed');
  await keys.press('Enter');
  await ann.sees('typed');
  await keys.press('Control+k');
  await keys.type('second');
  await keys.press('Enter');
  await expect(ann.page.getByRole('heading', { name: 'second', level: 1 })).toBeVisible();
  await keys.press('Alt+ArrowUp');
  await expect(ann.page.getByRole('heading', { name: 'general', level: 1 })).toBeVisible();

  // The parts of the window, and a message.
  await ann.composer.focus();
  const visited = new Set<string>();
  for (let i = 0; i < 6; i++) {
    await keys.press('F6');
    visited.add(await region(ann.page));
  }
  expect([...visited].sort()).toEqual(expect.arrayContaining(['composer', 'log', 'side']));
  await ann.log.focus();
  await keys.press('ArrowUp');
  await expect(ann.message('typed')).toBeFocused();
  await keys.press('e');
  const editor = ann.log.getByRole('textbox', { name: ann.t.composer.editLabel });
  await expect(editor).toBeFocused();
  await keys.press('Escape');
  await expect(editor).toBeHidden();

  // A dialog gives the focus back to where it was.
  await ann.composer.focus();
  await keys.press('Control+/');
  await expect(ann.dialog.getByRole('heading', { name: ann.t.keys.title })).toBeVisible();
  await keys.press('Escape');
  await expect(ann.dialog).toHaveCount(0);
  await expect(ann.composer).toBeFocused();
});

function region(page: import('@playwright/test').Page): Promise<string> {
  return page.evaluate(
    () => document.activeElement?.closest<HTMLElement>('[data-region]')?.dataset['region'] ?? '',
  );
}
