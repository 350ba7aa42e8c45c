import type { Member, User } from '../../wire.ts';

/** The members that fit a query: who is here first, then by the order given. */
export function shownMembers(
  list: readonly Member[],
  query: string,
  person: (id: string) => User | undefined,
  here: (id: string) => boolean,
): Member[] {
  const words = query.trim().toLocaleLowerCase();
  const fits = list.filter((member) => {
    if (words === '') return true;
    const user = person(member.user);
    return `${user?.name ?? ''} ${user?.username ?? ''}`.toLocaleLowerCase().includes(words);
  });
  return [...fits.filter((member) => here(member.user)), ...fits.filter((member) => !here(member.user))];
}
