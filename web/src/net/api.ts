import type { ErrorBody, ErrorCode, Failure } from '../wire.ts';

/** A code of the wire, or 'network' when no answer came at all. */
export type FailureCode = ErrorCode | 'network';

/** An answer that is not 2xx, or none at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Stable name for the catalogue. */
  readonly code: FailureCode;
  /** The input field at fault, '' if none. */
  readonly field: string;
  /** Seconds to wait before trying again, 0 if unknown. */
  readonly retryAfter: number;
  /** HTTP status, 0 without an answer. */
  readonly status: number;

  constructor(status: number, body: Omit<ErrorBody, 'code'> & { code: FailureCode }) {
    super(body.message);
    this.status = status;
    this.code = body.code;
    this.field = body.field ?? '';
    this.retryAfter = body.retry_after ?? 0;
  }
}

/** Turns whatever was thrown into an ApiError. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError(0, { code: 'network', message: thrown instanceof Error ? thrown.message : String(thrown) });
}

/** The codes that say: this device is signed out. */
const endings: ReadonlySet<string> = new Set(['no_session', 'session_ended', 'disabled']);

/** Nobody waits longer than this for an answer. */
const patience = 20_000;

type Query = Readonly<Record<string, string | number | undefined>>;

/** Api is the REST door: JSON in, JSON or an ApiError out. It knows no route. */
export class Api {
  /** Called when an answer says that the session is over. */
  onEnded: (code: ErrorCode) => void = () => {};
  readonly #root: string;
  readonly #fetch: typeof fetch;

  /** base is the server's path with a slash at the end. */
  constructor(base: string, fetcher: typeof fetch = fetch.bind(globalThis)) {
    this.#root = `${base}api/v1/`;
    this.#fetch = fetcher;
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    const pairs = Object.entries(query).flatMap(([key, value]) =>
      value === undefined || value === '' ? [] : [[key, String(value)]],
    );
    const tail = new URLSearchParams(pairs).toString();
    return this.#call<T>('GET', tail === '' ? path : `${path}?${tail}`);
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.#call<T>('POST', path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>('PUT', path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>('PATCH', path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.#call<T>('DELETE', path);
  }

  /** Fire and forget while the page goes away. */
  beacon(method: 'PUT' | 'POST', path: string, body: unknown): void {
    this.#send(method, path, body, { keepalive: true }).catch(() => {});
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    let answer: Response;
    let text: string;
    try {
      answer = await this.#send(method, path, body, { signal: AbortSignal.timeout(patience) });
      text = await answer.text();
    } catch (thrown) {
      throw asApiError(thrown);
    }
    if (answer.ok) return (text === '' ? undefined : parse(text)) as T;
    const error = new ApiError(answer.status, errorOf(answer, parse(text)));
    if (error.status === 401 && error.code !== 'network' && endings.has(error.code)) this.onEnded(error.code);
    throw error;
  }

  #send(method: string, path: string, body: unknown, extra: RequestInit): Promise<Response> {
    const init: RequestInit = { method, credentials: 'same-origin', headers: { Accept: 'application/json' }, ...extra };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
    }
    return this.#fetch(this.#root + path, init);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf(answer: Response, body: unknown): ErrorBody {
  const found = (body as Partial<Failure> | null | undefined)?.error;
  if (found !== undefined && typeof found.code === 'string') {
    const waits = Number(answer.headers.get('Retry-After'));
    return found.retry_after === undefined && waits > 0 ? { ...found, retry_after: waits } : found;
  }
  // A proxy in front spoke, not the server.
  const busy = answer.status === 429 || answer.status === 502 || answer.status === 503 || answer.status === 504;
  return { code: busy ? 'overloaded' : 'internal', message: `the server answered ${answer.status}` };
}
