// What each way needs: calls with a token, by openapi-fetch with types of openapi-typescript.
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { paths } from "./gateway.js";

export const fail = (why: string): never => {
  throw new Error(why);
};
export const env = (name: string): string => process.env[name] ?? fail(`${name} is not set`);
export const key = () => ({ "Idempotency-Key": randomUUID() });
// Behind a validating proxy (Prism) each answer says where it breaks the contract; of requests it cannot read JSON parts.
const violations = (response: Response) => {
  const said = JSON.parse(response.headers.get("sl-violations") ?? "[]") as { location: string[]; message: string }[];
  for (const one of said.filter((v) => v.location[0] === "response")) fail(`${response.url}: ${one.location.join(".")}: ${one.message}`);
};
export const as = (token: string) => {
  const client = createClient<paths>({
    baseUrl: process.env["PROXY"] ?? env("GATEWAY") + "/api/v1",
    headers: { Authorization: `Bearer ${token}` },
  });
  client.use({ onResponse: ({ response }) => violations(response) });
  return client;
};
export const inForce = async (reader: ReturnType<typeof as>, id: string) => {
  let etag = "";
  for (let tries = 0; ; tries++) {
    const now = await reader.GET("/requests/{id}", { params: { path: { id }, header: { "If-None-Match": etag } } });
    if (now.data?.state === "in-force") return;
    if (tries > 50) fail("the request never came into force");
    etag = now.response.headers.get("ETag") ?? etag;
    await new Promise((r) => setTimeout(r, 100));
  }
};
export const ok = (who: string, what: string) =>
  console.log(`${who}${process.env["PROXY"] ? ", every answer validated" : ""}: ${what}: ok`);
