import type { ErrorBody } from '../wire.ts';

/** An answer that is not 2xx, or none at all (code 'network'). */
export class ApiError extends Error {
  /** A code of wire ErrorBody, or 'network' when the server could not be reached. */
  readonly code: ErrorBody['code'] | 'network';
  /** The input field at fault, '' if none. */
  readonly field: string;
  /** Seconds to wait before trying again, 0 if unknown. */
  readonly retryAfter: number;
  /** HTTP status, 0 without an answer. */
  readonly status: number;

  constructor(status: number, body: Omit<ErrorBody, 'code'> & { code: ApiError['code'] }) {
    super(body.message);
    this.name = 'ApiError';
    this.status = status;
    this.code = body.code;
    this.field = body.field ?? '';
    this.retryAfter = body.retry_after ?? 0;
  }
}

export class Api {
  constructor(_base: string) {}
}
