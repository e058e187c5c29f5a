// A front end's first calls, typed from the schema: browse, search, act, be recommended.
import createClient from "openapi-fetch";

import type { paths } from "./schema.js";

const [baseUrl, key] = process.argv.slice(2);
if (baseUrl === undefined || key === undefined) {
  throw new Error("usage: node build/smoke.js URL KEY");
}
const shop = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });

function answered<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) {
    throw new Error(`${answer.response.url}: ${JSON.stringify(answer.error)}`);
  }
  return answer.data;
}

const page = answered(await shop.GET("/v1/products", { params: { query: { limit: 2 } } }));
const [product] = page.results;
if (product === undefined) {
  throw new Error("no products");
}
const same = answered(
  await shop.GET("/v1/products/{id}", { params: { path: { id: product.id } } }),
);
const price: string = `${same.price.amount} ${same.price.currency}`;

const found = answered(
  await shop.GET("/v1/search", { params: { query: { q: product.title, explain: true } } }),
);
const visitor = answered(await shop.POST("/v1/visitors"));
const headers = { "X-Visitor-Token": visitor.token };
const outcome = answered(
  await shop.POST("/v1/events", {
    headers,
    body: {
      events: [
        {
          event_id: crypto.randomUUID(),
          type: "view",
          product_id: product.id,
          occurred_at: new Date().toISOString(),
          request_id: found.request_id,
        },
      ],
    },
  }),
);
const recommended = answered(
  await shop.GET("/v1/recommendations/{placement}", {
    params: { path: { placement: "home" }, query: { limit: 5 } },
    headers,
  }),
);
const wrong = await shop.GET("/v1/products", { params: { query: { limit: 1000 } } });
const code: string | undefined = wrong.error?.code;

console.log(
  JSON.stringify({
    product: product.id,
    price,
    found: found.results.map((result) => result.product.id),
    stored: outcome.stored,
    source: recommended.source,
    code,
  }),
);
