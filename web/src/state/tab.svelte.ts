import type { Title } from './title.svelte.ts';

/**
 * Puts the title into the document and the dot on the icon; gives back how to stop. The icon with a dot
 * is named by `data-dot` of the page's `<link rel="icon">`.
 */
export function showTitle(title: Title): () => void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"][data-dot]');
  const before = { title: document.title, href: icon?.getAttribute('href') ?? '' };
  const stop = $effect.root(() => {
    $effect(() => {
      document.title = title.text;
    });
    $effect(() => {
      icon?.setAttribute('href', title.badge === 'none' ? before.href : (icon.dataset['dot'] ?? before.href));
    });
  });
  return () => {
    stop();
    document.title = before.title;
    icon?.setAttribute('href', before.href);
  };
}
