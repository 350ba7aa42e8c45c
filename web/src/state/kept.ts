/**
 * Small things kept on this device outside the database, because they are needed before it is open.
 * A browser that refuses to keep them gets none.
 */
export function kept(name: string): string {
  try {
    return localStorage.getItem(`myna:${name}`) ?? '';
  } catch {
    return '';
  }
}

/** Keeps a value; '' forgets it. */
export function keep(name: string, value: string): void {
  try {
    if (value === '') localStorage.removeItem(`myna:${name}`);
    else localStorage.setItem(`myna:${name}`, value);
  } catch {
    // Not kept: it only costs the head start.
  }
}
