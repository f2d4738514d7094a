/** One field that was not accepted. */
export interface FieldError {
  readonly field: string;
  readonly detail: string;
}

/** A refusal by the platform, as its problem+json says it, or a failure to reach it. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly hint: string | null;
  readonly errors: readonly FieldError[];
  /** After how many seconds the same may be tried again, when the platform says so. */
  readonly retryAfter: number | null;

  constructor(fields: {
    status: number;
    code?: string;
    title: string;
    detail?: string;
    hint?: string | null;
    errors?: readonly FieldError[];
    retryAfter?: number | null;
  }) {
    super(fields.detail || fields.title);
    this.name = 'Problem';
    this.status = fields.status;
    this.code = fields.code ?? '';
    this.title = fields.title;
    this.detail = fields.detail ?? '';
    this.hint = fields.hint ?? null;
    this.errors = fields.errors ?? [];
    this.retryAfter = fields.retryAfter ?? null;
  }
}

/** What a refusal says, its headers included. */
export function problemOf(response: Response, body: unknown): Problem {
  const seconds = Number(response.headers.get('Retry-After') ?? NaN);
  return problemFrom(response.status, body, Number.isFinite(seconds) ? seconds : null);
}

/** Reads a problem+json body. Anything else that answered (a proxy's page, an empty body) becomes a plain sentence. */
export function problemFrom(status: number, body: unknown, retryAfter: number | null = null): Problem {
  if (isRecord(body) && (typeof body.title === 'string' || typeof body.error === 'string')) {
    return new Problem({
      status,
      code: text(body.code) ?? '',
      title: text(body.title) ?? text(body.error) ?? 'Refused',
      detail: text(body.detail) ?? text(body.message) ?? '',
      hint: text(body.hint),
      errors: Array.isArray(body.errors) ? body.errors.flatMap(fieldError) : [],
      retryAfter,
    });
  }
  return new Problem({
    status,
    title: `The platform answered ${status}`,
    detail: 'The answer was not one that this page understands.',
    hint: status >= 500 ? 'A proxy in front of the platform may have answered in its place.' : null,
  });
}

/** What a failed call is shown as, whatever was thrown. */
export function asProblem(failure: unknown): Problem {
  if (failure instanceof Problem) return failure;
  if (failure instanceof TypeError) {
    return new Problem({
      status: 0,
      title: 'The platform cannot be reached',
      detail: 'The request got no answer.',
      hint: 'Check that the platform runs and that this machine reaches it; this page tries again by itself.',
    });
  }
  return new Problem({
    status: 0,
    title: 'Something in this page failed',
    detail: failure instanceof Error ? failure.message : String(failure),
  });
}

function fieldError(entry: unknown): FieldError[] {
  if (typeof entry === 'string') return [{ field: '', detail: entry }];
  if (!isRecord(entry)) return [];
  const detail = text(entry.detail) ?? text(entry.message) ?? text(entry.reason);
  return detail === null ? [] : [{ field: text(entry.field) ?? text(entry.pointer) ?? '', detail }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
