import type { components } from "./schema";

export type ErrorCode = components["schemas"]["ErrorCode"];

/** Codes that no server sends: the server was not reached, or its answer was not ours. */
export type FailureCode = ErrorCode | "offline" | "unexpected";

/** The body of every answer that is no success. */
interface Envelope {
  code: ErrorCode;
  message: string;
  data: components["schemas"]["ProblemData"] | null;
}

interface Details {
  status?: number;
  fields?: Readonly<Record<string, string>>;
  retryAfter?: number | null;
  requestId?: string | null;
}

/** Why a request did not do as asked. What a person reads is chosen by `code`, not by `message`. */
export class Problem extends Error {
  readonly code: FailureCode;
  /** The HTTP status, or 0 when there was no answer. */
  readonly status: number;
  /** Names of the fields that were refused. */
  readonly fields: readonly string[];
  /** Seconds until it makes sense to try again. */
  readonly retryAfter: number | null;
  /** Finds the cause in the server's log. */
  readonly requestId: string | null;

  constructor(code: FailureCode, message: string, details: Details = {}) {
    super(message);
    this.name = "Problem";
    this.code = code;
    this.status = details.status ?? 0;
    this.fields = Object.keys(details.fields ?? {});
    this.retryAfter = details.retryAfter ?? null;
    this.requestId = details.requestId ?? null;
  }

  /** Whether the same request may succeed later without anybody changing anything. */
  get mayPass(): boolean {
    return this.code === "offline" || this.code === "rate_limited" || this.code === "storage_unavailable";
  }

  static from(cause: unknown): Problem {
    if (cause instanceof Problem) return cause;
    return new Problem("unexpected", cause instanceof Error ? cause.message : "something unknown failed");
  }
}

/** The problem that an error envelope describes. */
export function problemIn(body: unknown, status: number): Problem {
  if (typeof body !== "object" || body === null || !("code" in body)) {
    return new Problem("unexpected", `the answer ${status} carries no envelope`, { status });
  }
  const { code, message, data } = body as Envelope;
  return new Problem(code, message, {
    status,
    fields: data?.fields ?? {},
    retryAfter: data?.retry_after ?? null,
    requestId: data?.request_id ?? null,
  });
}
