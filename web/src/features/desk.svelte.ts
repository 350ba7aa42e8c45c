import { createContext } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';

/** A dialog over the conversation. Any feature may ask for one; the shell shows it. */
export type DeskDialog =
  | { readonly name: 'switcher' | 'create' | 'direct' | 'invite' | 'shortcuts' }
  | { readonly name: 'add' | 'edit' | 'leave' | 'archive'; readonly room: string };

/** The bounds of a column one can resize, px. */
export interface Bounds {
  readonly least: number;
  readonly usual: number;
  readonly most: number;
}

export const columns = {
  side: { least: 200, usual: 264, most: 400 },
  panel: { least: 300, usual: 384, most: 560 },
} as const satisfies Record<string, Bounds>;

export type Column = keyof typeof columns;

const kept = 'myna.desk';

interface Kept {
  panel: boolean;
  side: number;
  panelWidth: number;
  closed: string[];
}

/** Desk is what is open around the conversation and how wide it is: of this device, not of the account. */
export class Desk {
  dialog: DeskDialog | null = $state.raw(null);
  /** The right panel with the room's details. */
  panel: boolean = $state(false);
  /** Phones: the drawer with the room list. */
  drawer: boolean = $state(false);
  widths: Record<Column, number> = $state({ side: columns.side.usual, panel: columns.panel.usual });
  /** Sections of the room list that are folded. */
  closed: readonly string[] = $state.raw([]);

  readonly #phone = new MediaQuery('max-width: 720px');
  readonly #narrow = new MediaQuery('max-width: 1100px');
  readonly #touch = new MediaQuery('pointer: coarse');

  constructor() {
    const before = read();
    this.panel = !this.narrow && (before.panel ?? false);
    this.widths.side = within(columns.side, before.side);
    this.widths.panel = within(columns.panel, before.panelWidth);
    this.closed = before.closed ?? [];
  }

  /** One column: the room list is a drawer. */
  get phone(): boolean {
    return this.#phone.current;
  }

  /** The details lie over the conversation. */
  get narrow(): boolean {
    return this.#narrow.current;
  }

  get touch(): boolean {
    return this.#touch.current;
  }

  open(dialog: DeskDialog): void {
    this.drawer = false;
    this.dialog = dialog;
  }

  close(): void {
    this.dialog = null;
  }

  togglePanel(open = !this.panel): void {
    this.panel = open;
    this.#keep();
  }

  resize(column: Column, width: number): void {
    this.widths[column] = within(columns[column], width);
    this.#keep();
  }

  fold(section: string): void {
    const folded = this.closed.includes(section);
    this.closed = folded ? this.closed.filter((name) => name !== section) : [...this.closed, section];
    this.#keep();
  }

  #keep(): void {
    const now: Kept = {
      panel: this.panel,
      side: this.widths.side,
      panelWidth: this.widths.panel,
      closed: [...this.closed],
    };
    try {
      localStorage.setItem(kept, JSON.stringify(now));
    } catch {
      // a full or forbidden storage only means that the widths are forgotten
    }
  }
}

function read(): Partial<Kept> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(kept) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Partial<Kept>) : {};
  } catch {
    return {};
  }
}

function within(bounds: Bounds, width: unknown): number {
  if (typeof width !== 'number' || !Number.isFinite(width)) return bounds.usual;
  return Math.round(Math.max(bounds.least, Math.min(bounds.most, width)));
}

export const [useDesk, provideDesk] = createContext<Desk>();
