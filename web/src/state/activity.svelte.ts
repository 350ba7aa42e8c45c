/** Activity is whether somebody sits before this window. */
export class Activity {
  /** The tab is visible and the window has the focus. */
  focused: boolean = $state(true);
  /** Visible, and used within the last five minutes. */
  active: boolean = $state(true);
}
