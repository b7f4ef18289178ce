import { HeddleError } from "../../common/errors.ts";
import { MAX_PICTURE_BYTES } from "../../nodes/picture-file.ts";
import { createGuardedFetch, type GuardedFetch } from "./guarded-fetch.ts";

/**
 * The file at an address that somebody named; whether it is a picture is for whoever takes it to look at.
 * @throws HeddleError `fetch-failed` for an answer without a file, and those of the guarded fetch
 */
export async function fetchPicture(address: string, fetch: GuardedFetch = ownersFetch()): Promise<Uint8Array> {
  const { status, body } = await fetch(address, { maxBytes: MAX_PICTURE_BYTES });
  if (status === 200) return body;
  const host = URL.parse(address)?.host ?? address;
  throw new HeddleError({
    code: "fetch-failed",
    message: `${host} answered ${status}.`,
    help: "Check the address, or upload the picture.",
    details: { cause: "status", host, status },
  });
}

/** With the hosts of the own network that the owner of this Heddle allows. */
function ownersFetch(): GuardedFetch {
  const names = (process.env.HEDDLE_FETCH_ALLOW ?? "").split(",");
  return createGuardedFetch({ allowedHosts: new Set(names.map((name) => name.trim().toLowerCase()).filter(Boolean)) });
}
