/** Buys a ticket of the first concert that has one: `node dist/buy.js http://127.0.0.1:8000 fan@example.org`. */
import { createClient, type components } from "./index.js";

type Problem = components["schemas"]["Problem"];
type Order = components["schemas"]["PlacedOrder"];

declare const process: { argv: string[] };
const [, , baseUrl = "http://127.0.0.1:8000", email = "fan@example.org"] = process.argv;
const api = createClient({ baseUrl });

async function buyTicket(): Promise<Order> {
  const concerts = found(await api.GET("/api/v1/concerts", { params: { query: { limit: 100 } } }));
  for (const { slug } of concerts.items) {
    const concert = found(await api.GET("/api/v1/concerts/{slug}", { params: { path: { slug } } }));
    const offer = concert.ticket_types.find((type) => type.price !== null && (type.availability === "available" || type.availability === "few_left"));
    if (offer) return placeOrder(offer.id);
  }
  throw new Error("There is no ticket to be had.");
}

async function placeOrder(offer: string): Promise<Order> {
  return found(
    await api.POST("/api/v1/checkout", {
      params: { header: { "Idempotency-Key": crypto.randomUUID() } },
      body: { email, delivery: "pickup", lines: [{ offer, quantity: 1 }] },
    }),
  );
}

/** The answer's data; a refusal is thrown with its stable type and its sentence. */
function found<Data>({ data, error }: { data?: Data; error?: Problem }): Data {
  if (data === undefined) throw new Error(error ? `${error.type}: ${error.title}` : "No answer.");
  return data;
}

const order = await buyTicket();
console.log(`Order ${order.number}: pay ${order.total} ${order.currency} (minor units) at ${order.pay_url}`);
