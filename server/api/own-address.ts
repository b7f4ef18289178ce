/** Tells under which origin a request reached this host: addresses of results must be ones that the asker can use. */
export type OriginOfRequest = (requestUrl: string) => string;

/** @param publicUrl how a proxy that speaks TLS, or a container's published port, is spoken to */
export function ownOrigin(publicUrl: URL | undefined): OriginOfRequest {
  return (requestUrl) => {
    const url = new URL(requestUrl);
    return publicUrl?.host === url.host ? publicUrl.origin : url.origin;
  };
}
