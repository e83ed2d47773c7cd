/** A client whose paths, parameters, bodies and answers have the types of the API's document. */
import createFetchClient, { type Client, type ClientOptions } from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type { components, paths };

/** `baseUrl` is the site's address, without `/api/v1`; `headers` go with every request. */
export function createClient(options: ClientOptions & { baseUrl: string }): Client<paths> {
  return createFetchClient<paths>(options);
}
