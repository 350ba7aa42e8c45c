import { untrack } from 'svelte';
import { language, t } from './language.svelte.ts';

/** What an error of the API tells; read by shape, so that this needs no class of another layer. */
interface Problem {
  code: string;
  field: string;
  retryAfter: number;
}

function problemOf(error: unknown): Problem {
  const { code, field, retryAfter } = (typeof error === 'object' && error !== null ? error : {}) as Partial<Problem>;
  return {
    code: typeof code === 'string' ? code : 'unknown',
    field: typeof field === 'string' ? field : '',
    retryAfter: typeof retryAfter === 'number' ? retryAfter : 0,
  };
}

/** An error code in the person's words. */
export function codeText(code: string): string {
  const texts: Readonly<Record<string, string>> = t().errors;
  return Object.hasOwn(texts, code) ? (texts[code] ?? t().errors.unknown) : t().errors.unknown;
}

/** An error in the person's words. */
export function errorText(error: unknown): string {
  const problem = problemOf(error);
  if (problem.retryAfter > 0) return t().sign.waiting(problem.retryAfter);
  return codeText(problem.code);
}

/** Attempt is one thing a person tries that may fail: it is busy, then done or in error. */
export class Attempt {
  busy: boolean = $state(false);
  error: unknown = $state.raw(undefined);

  /** Runs it unless it is running; true when it went well. */
  async run(what: () => Promise<unknown>): Promise<boolean> {
    if (untrack(() => this.busy)) return false; // may be called from an effect
    this.busy = true;
    this.error = undefined;
    try {
      await what();
      return true;
    } catch (error) {
      this.error = error;
      return false;
    } finally {
      this.busy = false;
    }
  }

  clear(): void {
    this.error = undefined;
  }

  /** What is wrong with one field, '' if nothing. */
  at(field: string): string {
    return language.ready && this.error !== undefined && problemOf(this.error).field === field
      ? errorText(this.error)
      : '';
  }

  /** What is wrong, unless it belongs to one of the given fields, which show it themselves. */
  general(...fields: string[]): string {
    if (this.error === undefined || fields.includes(problemOf(this.error).field)) return '';
    return errorText(this.error);
  }
}
