import { HeddleError } from "../../common/errors.ts";
import { fromWireError } from "../../protocol/errors.ts";

/**
 * The file of a picture in the host's store.
 * @throws HeddleError `picture-gone`, `host-error`, `connection-lost`
 */
export async function fetchStoredPicture(address: string): Promise<Response> {
  const response = await fetch(address).catch((error: unknown) => {
    throw fromWireError(error);
  });
  if (response.ok) return response;
  if (response.status === 404) {
    throw new HeddleError({
      code: "picture-gone",
      message: "This picture is no longer stored.",
      help: "Its file was moved or deleted. Put it back, or run the workflow again.",
    });
  }
  const reason = `${response.status} ${response.statusText}`;
  throw new HeddleError({
    code: "host-error",
    message: `The host refused the request: ${reason}`,
    help: "Reload the window and try again.",
    details: { reason },
  });
}
