import { language, t } from '../../i18n/language.svelte.ts';
import type { Item } from '../../state/timeline.svelte.ts';

/** Copying a selection over several messages gives "Name, time: text" for each; within one it stays the browser's. */
export function copyMessages(event: ClipboardEvent, items: readonly Item[], nameOf: (id: string) => string): void {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || !(event.currentTarget instanceof HTMLElement)) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-key]')].filter((row) =>
    selection.containsNode(row, true),
  );
  if (rows.length < 2) return;
  const byKey = new Map(items.map((item) => [item.key, item]));
  const lines = rows.flatMap((row) => {
    const item = byKey.get(row.dataset.key ?? '');
    if (!item || item.deleted) return [];
    return [t().log.copied(nameOf(item.author) || t().common.somebody, language.time(item.at), item.text)];
  });
  event.clipboardData?.setData('text/plain', lines.join('\n'));
  event.preventDefault();
}
