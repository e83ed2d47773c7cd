/** The same as buy.ts with the functions that @hey-api/openapi-ts makes: `node dist/buy-with-sdk.js http://127.0.0.1:8000 fan@example.org`. */
import { client } from "./sdk/client.gen.js";
import { getConcert, listConcerts, placeOrder, type PlacedOrder } from "./sdk/index.js";

declare const process: { argv: string[] };
const [, , baseUrl = "http://127.0.0.1:8000", email = "fan@example.org"] = process.argv;
client.setConfig({ baseUrl });

async function buyTicket(): Promise<PlacedOrder> {
  const { data: concerts } = await listConcerts({ query: { limit: 100 }, throwOnError: true });
  for (const { slug } of concerts.items) {
    const { data: concert } = await getConcert({ path: { slug }, throwOnError: true });
    const offer = concert.ticket_types.find((type) => type.price !== null && (type.availability === "available" || type.availability === "few_left"));
    if (offer) return order(offer.id);
  }
  throw new Error("There is no ticket to be had.");
}

async function order(offer: string): Promise<PlacedOrder> {
  const { data, error } = await placeOrder({
    headers: { "Idempotency-Key": crypto.randomUUID() },
    body: { email, delivery: "pickup", lines: [{ offer, quantity: 1 }] },
  });
  if (data === undefined) throw new Error(`${error.type}: ${error.title}`);
  return data;
}

const placed = await buyTicket();
console.log(`Order ${placed.number}: pay ${placed.total} ${placed.currency} (minor units) at ${placed.pay_url}`);
