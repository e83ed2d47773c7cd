import { defineConfig } from "@hey-api/openapi-ts";

/** A client without dependencies; addresses of files end in .js, as Node wants them. */
export default defineConfig({
  input: "openapi.json",
  output: { path: "sdk", module: { extension: ".js" } },
  plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk"],
});
