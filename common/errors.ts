/**
 * The error every storey throws for a failure that a user can cause or meet.
 *
 * `code` is stable and testable, `message` says what happened, `help` says what to do about it. `nodeId` and `field`
 * place it in the workflow, so that the editor can show it where it belongs.
 */
export interface ErrorPayload {
  code: string;
  message: string;
  help: string;
  nodeId?: string | undefined;
  field?: string | undefined;
  /** Facts for the log and for tests (paths, sizes, names); never needed to understand the message. */
  details?: Record<string, unknown> | undefined;
}

export class HeddleError extends Error {
  override readonly name = "HeddleError";
  readonly code: string;
  readonly help: string;
  readonly nodeId: string | undefined;
  readonly field: string | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(payload: ErrorPayload, options?: { cause?: unknown }) {
    super(payload.message, options);
    this.code = payload.code;
    this.help = payload.help;
    this.nodeId = payload.nodeId;
    this.field = payload.field;
    this.details = payload.details;
  }

  toPayload(): ErrorPayload {
    const { code, message, help, nodeId, field, details } = this;
    return { code, message, help, nodeId, field, details };
  }

  /** The same error, placed on a node (an error that already has a place keeps it). */
  at(nodeId: string, field?: string): HeddleError {
    return new HeddleError(
      { ...this.toPayload(), nodeId: this.nodeId ?? nodeId, field: this.field ?? field },
      { cause: this.cause },
    );
  }
}

/** Thrown when a run is cancelled; never shown as a failure. */
export class CancelledError extends HeddleError {
  constructor() {
    super({ code: "cancelled", message: "The run was cancelled.", help: "Run again when you are ready." });
  }
}

/** Any thrown value as a {@link HeddleError}; an unexpected one becomes `internal-error` and keeps its cause. */
export function toHeddleError(error: unknown): HeddleError {
  if (error instanceof HeddleError) return error;
  if (error instanceof Error && error.name === "AbortError") return new CancelledError();
  const message = error instanceof Error ? error.message : String(error);
  return new HeddleError(
    {
      code: "internal-error",
      message: `Something went wrong inside Heddle: ${message}`,
      help: "Run it again. If it happens again, copy the report from the log and file an issue with the workflow.",
      details: { reason: message },
    },
    { cause: error },
  );
}
