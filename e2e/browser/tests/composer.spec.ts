import type { Person } from '../support/person.ts';
import { channel } from '../support/api.ts';
import { expect, test } from '../support/test.ts';

test('Enter during an IME composition never sends', async ({ arrive }) => {
  const ann = await arrive('ann');
  const input = await ann.context.newCDPSession(ann.page);
  await ann.composer.focus();
  await input.send('Input.imeSetComposition', { text: 'ni hao', selectionStart: 6, selectionEnd: 6 });
  // What a browser reports for a key that the input method takes for itself.
  const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229 };
  await input.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
  await input.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
  await input.send('Input.insertText', { text: '你好' });
  await expect(ann.composer).toHaveValue('你好');
  await expect(ann.log.getByRole('article')).toHaveCount(0);
  await ann.composer.press('Enter');
  await ann.sees('你好');
  await expect(ann.composer).toHaveValue('');
});

test('Escape during a composition leaves the text alone', async ({ arrive }) => {
  const ann = await arrive('ann');
  await ann.says('to be edited');
  await ann.composer.press('ArrowUp');
  const editor = ann.log.getByRole('textbox', { name: ann.t.composer.editLabel });
  await expect(editor).toHaveValue('to be edited');
  const input = await ann.context.newCDPSession(ann.page);
  await input.send('Input.imeSetComposition', { text: 'a', selectionStart: 1, selectionEnd: 1 });
  const escape = { key: 'Escape', code: 'Escape', windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229 };
  await input.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...escape });
  await expect(editor).toBeVisible();
});

test('several lines, an edit with ArrowUp, and a deletion with its question', async ({ arrive }) => {
  const ann = await arrive('ann');
  const bob = await arrive('bob');
  await ann.composer.pressSequentially('one');
  await ann.composer.press('Shift+Enter');
  await ann.composer.pressSequentially('two');
  await ann.composer.press('Enter');
  await expect(bob.bodies).toHaveText(/one\s*two/);

  await ann.composer.press('ArrowUp');
  const editor = ann.log.getByRole('textbox', { name: ann.t.composer.editLabel });
  await editor.fill('one and a half');
  await editor.press('Enter');
  await bob.sees('one and a half');
  await expect(bob.message('one and a half')).toContainText(bob.t.log.edited);
  await expect(ann.composer).toBeFocused();

  await ann.message('one and a half').hover();
  await ann.message('one and a half').getByRole('button', { name: ann.t.log.delete }).click();
  const question = ann.page.getByRole('alertdialog', { name: ann.t.log.deleteTitle });
  await question.getByRole('button', { name: ann.t.common.cancel }).click();
  await ann.sees('one and a half');
  await ann.message('one and a half').hover();
  await ann.message('one and a half').getByRole('button', { name: ann.t.log.delete }).click();
  await question.getByRole('button', { name: ann.t.common.delete, exact: true }).click();
  await expect(bob.message('one and a half')).toHaveCount(0);
  await expect(bob.message(bob.t.log.deleted)).toHaveCount(1);
});

test('names are completed, and naming somebody reaches them', async ({ arrive }) => {
  const ann = await arrive('ann');
  const bob = await arrive('bob');
  await arrive('小明');
  await channel(bob, 'elsewhere');
  await bob.room('elsewhere').click();
  await ann.composer.pressSequentially('请看 @b');
  const list = ann.page.getByRole('listbox');
  await expect(list.getByRole('option', { name: /bob/ })).toBeVisible();
  await ann.composer.press('Enter');
  await expect(ann.composer).toHaveValue(/@bob/);
  await ann.composer.pressSequentially('，还有@小');
  await expect(list.getByRole('option', { name: /小明/ })).toBeVisible();
  await ann.composer.press('Tab');
  await expect(ann.composer).toHaveValue(/@bob.*@小明/);
  await ann.composer.press('Enter');
  await expect(ann.log.getByRole('article')).toHaveCount(1);
  await expect(bob.room('general')).toContainText(bob.t.rooms.mentionCount(1));
});

test('a draft stays with its room, over a reload and on another device', async ({ arrive, visit }) => {
  const ann = await arrive('ann');
  await channel(ann, 'second');
  await expect(ann.room('second')).toBeVisible();
  await ann.composer.pressSequentially('not yet');
  await ann.room('second').click();
  await expect(ann.composer).toHaveValue('');
  await expect(ann.room('general').getByRole('img', { name: ann.t.rooms.draft })).toBeVisible();
  await ann.room('general').click();
  await expect(ann.composer).toHaveValue('not yet');
  await ann.page.reload();
  await expect(ann.composer).toHaveValue('not yet');
  const phone = await visit('ann');
  await phone.signIn();
  await phone.room('general').click();
  await expect(phone.composer).toHaveValue('not yet');
});

test('what people write is shown as text, never as markup', async ({ arrive }) => {
  const ann = await arrive('ann');
  const bob = await arrive('bob');
  const hostile = '<img src=x onerror="document.title=\'owned\'"> <script>document.title="owned"</script>';
  await says(ann, `${hostile} [x](javascript:document.title='owned') **bold** \`code\``);
  await expect(bob.bodies).toContainText('<img src=x');
  await expect(bob.bodies.locator('strong')).toHaveText('bold');
  await expect(bob.bodies.locator('code')).toHaveText('code');
  await expect(bob.bodies.locator('img, script, a[href^="javascript"]')).toHaveCount(0);
  await expect(bob.page).not.toHaveTitle(/owned/);
});

async function says(person: Person, text: string): Promise<void> {
  await person.composer.fill(text);
  await person.composer.press('Enter');
}
