/** The code of a file-system error (`ENOENT`, `EEXIST`, ...); `undefined` for any other error. */
export function fileErrorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

const REASONS: Record<string, string> = {
  EACCES: "permission was denied",
  EPERM: "permission was denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "your disk quota is used up",
  ENAMETOOLONG: "the name is too long",
  ENOTDIR: "a part of the path is a file, not a folder",
  ENOENT: "it does not exist",
  EISDIR: "it is a folder",
  EEXIST: "it exists already",
};

/** Why a file operation failed, in words that fit after "because". */
export function fileErrorReason(error: unknown): string {
  const code = fileErrorCode(error);
  return (code && REASONS[code]) || (error instanceof Error ? error.message : String(error));
}
