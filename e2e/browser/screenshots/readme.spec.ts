import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { api, channel, post, roomId } from '../support/api.ts';
import type { Locale, Person } from '../support/person.ts';
import { expect, test } from '../support/test.ts';

// Makes docs/images: `make screenshots`. People talk as they would, in both languages, and the pictures
// are of what their browsers show.

const images = join(import.meta.dirname, '../../../docs/images');
mkdirSync(images, { recursive: true });

const talk: Readonly<Record<Locale, readonly (readonly [number, string])[]>> = {
  en: [
    [1, 'Morning! The nest boxes on the north wall are up.'],
    [2, 'Wonderful. How many pairs so far?'],
    [1, 'Three, and a fourth is looking:\n\n- two at the old gate\n- one by the pond\n- one that cannot decide'],
    [0, '@mei could you put the count on the board? I have it as `4 of 12`.'],
    [2, 'Done. Here is what the sensor says:\n\n```json\n{ "box": 7, "visits": 31, "last": "06:42" }\n```'],
    [0, 'That is *a lot* for one morning. **Well done, everybody.**'],
    [1, 'Who is on the early shift tomorrow?'],
    [2, 'Me. I will be there at six.'],
  ],
  'zh-CN': [
    [1, '早！北墙的鸟巢箱都装好了。'],
    [2, '太好了。现在有几对了？'],
    [1, '三对，还有一对在看：\n\n- 老门口两对\n- 池塘边一对\n- 一对还没拿定主意'],
    [0, '@小梅 能把数字写到看板上吗？我记的是 `4 / 12`。'],
    [2, '写好了。传感器的记录：\n\n```json\n{ "box": 7, "visits": 31, "last": "06:42" }\n```'],
    [0, '一个早上这么多，**辛苦大家了。**'],
    [1, '明天谁上早班？'],
    [2, '我，六点到。'],
  ],
};

/** Usernames, and what people are called. */
const names: Readonly<Record<Locale, readonly (readonly [string, string])[]>> = {
  en: [['ann', 'Ann Okafor'], ['tomas', 'Tomás'], ['mei', 'Mei Lin']],
  'zh-CN': [['小安', '小安'], ['建国', '张建国'], ['小梅', '小梅']],
};

const topics: Readonly<Record<Locale, string>> = { en: 'Nest boxes, shifts, sightings', 'zh-CN': '鸟巢箱、排班、观察' };

const rooms: Readonly<Record<Locale, readonly string[]>> = {
  en: ['early-shift', 'garden', 'photos'],
  'zh-CN': ['早班', '花园', '照片'],
};

for (const [language, file] of [
  ['en', 'chat'],
  ['zh-CN', 'chat.zh-CN'],
] as const) {
  test.describe(language, () => {
    test.use({ language });
    test('a room', async ({ arrive }) => {
      const people: Person[] = [];
      for (const [username, name] of names[language]) {
        const person = await arrive(username);
        await api(person, 'PATCH', 'me', { name });
        people.push(person);
      }
      const [ann, tomas, mei] = people as [Person, Person, Person];
      for (const name of rooms[language]) await channel(ann, name);
      const pair = await api<{ room: { id: string } }>(mei, 'POST', 'rooms', {
        nonce: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
        kind: 'direct',
        members: [(await api<{ id: string }>(ann, 'GET', 'me')).id],
      });
      await post(mei, pair.room.id, '👋');
      const general = await roomId(ann, 'general');
      await api(ann, 'PATCH', `rooms/${general}`, { topic: topics[language] });
      for (const [who, text] of talk[language]) await post(people[who] ?? ann, general, text);
      await tomas.composer.pressSequentially('…');
      await ann.page.setViewportSize({ width: 1200, height: 760 });
      await ann.page.reload();
      await expect(ann.log.locator('pre')).toBeVisible();
      await ann.page.keyboard.press('Control+.');
      await expect(ann.page.getByRole('complementary', { name: ann.t.shell.panel })).toContainText(names[language][2]?.[1] ?? '');
      await ann.composer.focus();
      await ann.page.screenshot({ path: join(images, `${file}.png`) });
      if (language === 'en') {
        await ann.page.emulateMedia({ colorScheme: 'dark' });
        await ann.page.screenshot({ path: join(images, 'chat-dark.png') });
      }
    });
  });
}
