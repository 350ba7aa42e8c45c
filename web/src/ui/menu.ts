import type { IconName } from './icons.ts';

/** One choice of a menu. Labels are unique in a menu. */
export interface MenuItem {
  label: string;
  run: () => void;
  icon?: IconName | undefined;
  keys?: string | undefined;
  danger?: boolean | undefined;
  disabled?: boolean | undefined;
  /** Given: the item is a check box. */
  checked?: boolean | undefined;
  /** A line above parts it from the others. */
  apart?: boolean | undefined;
}

/** What the button that opens a menu must carry. */
export interface MenuTrigger {
  readonly id: string;
  readonly expanded: boolean;
  readonly controls: string;
  onclick: () => void;
  onkeydown: (event: KeyboardEvent) => void;
}
