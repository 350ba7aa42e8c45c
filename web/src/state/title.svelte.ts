/** Title is what the browser's tab shows; it is put into the document by the client itself. */
export class Title {
  /** "(3) #general · Myna" */
  text: string = $state('Myna');
  /** The dot on the icon. */
  badge: 'none' | 'unread' | 'mention' = $state('none');
}
