import { protocol } from "electron";

/** The page's own origin: built files and pictures are answered in this process, nothing is on a port. */
const SCHEME = "heddle";
export const APP_ORIGIN = `${SCHEME}://app`;

/** To be called before the app is ready. */
export function declareAppProtocol(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ]);
}

/** Answers every request for the app's origin with `respond`. */
export function serveAppProtocol(respond: (request: Request) => Response | Promise<Response>): void {
  protocol.handle(SCHEME, (request) => (isOfApp(request.url) ? respond(request) : new Response(null, { status: 404 })));
}

export function isOfApp(address: string): boolean {
  return address === APP_ORIGIN || address.startsWith(`${APP_ORIGIN}/`);
}
