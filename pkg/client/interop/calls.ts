// What each way needs: calls with a token, by openapi-fetch with types of openapi-typescript.
import { createHash, randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./gateway.js";

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
type Client = ReturnType<typeof as>;
type Metadata = components["schemas"]["DepositMetadata"];
export const deposit = (client: Client, once: ReturnType<typeof key>, metadata: Metadata, content: string, name: string) =>
  client.POST("/documents", {
    params: { header: once },
    body: { metadata, content },
    bodySerializer: () => { // its argument is of either kind of body that a deposit may have
      const form = new FormData();
      form.append("metadata", new Blob([JSON.stringify(metadata)], { type: "application/json" }));
      form.append("content", new Blob([content], { type: "text/plain" }), name);
      return form;
    },
  });
export const authorize = async (focal: Client, id: string) => {
  const seen = await focal.GET("/requests/{id}", { params: { path: { id } } });
  const decided = await focal.POST("/requests/{id}/decisions", {
    params: { path: { id }, header: { ...key(), "If-Match": seen.response.headers.get("ETag") ?? "" } },
    body: { act: "authorize", statement: "Agreed" },
  });
  if (decided.error) fail(JSON.stringify(decided.error));
};
export const isWhatWasDeposited = (bytes: Buffer, headers: Headers, content: string) => {
  const digest = `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`;
  if (digest !== headers.get("Repr-Digest") || bytes.toString() !== content) fail("the content is not what was deposited");
};
export const inForce = async (reader: Client, id: string) => {
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
