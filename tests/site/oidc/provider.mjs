// A real provider for the tests: whoever types a name is that person, and has the address NAME@example.org.
// node provider.mjs ISSUER RETURN_URL
import { Provider } from "oidc-provider";

const [issuer, returnUrl] = process.argv.slice(2);
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "backline",
      client_secret: "s%cret+of a client",
      redirect_uris: [returnUrl],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => true },
  async findAccount(_context, sub) {
    const name = sub[0].toUpperCase() + sub.slice(1);
    return {
      accountId: sub,
      claims: async () => ({ sub, name, email: `${sub}@example.org`, email_verified: !sub.startsWith("unverified") }),
    };
  },
});
provider.listen(new URL(issuer).port, "127.0.0.1", () => console.log("listening"));
