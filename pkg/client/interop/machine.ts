// The way of two machines with no token but what they get themselves: the gateway's metadata names the providers (RFC 9728),
// the provider's its token endpoint, and client credentials give a token. Then one deposits, the other asks, waits for the
// event after a person authorized, reads, checks the digest and takes the receipt; and the depositor takes that of its deposit.
import { randomUUID } from "node:crypto";
import type { components } from "./gateway.js";
import { as, authorize, deposit, env, fail, inForce, isWhatWasDeposited, key, ok } from "./calls.js";

const json = async (address: string, init?: RequestInit) => {
  const answer = await fetch(address, init);
  if (!answer.ok) fail(`${address}: ${answer.status}`);
  return (await answer.json()) as Record<string, unknown>;
};
const resource = await json(env("GATEWAY") + "/.well-known/oauth-protected-resource/api/v1");
const machine = async (client: string, organisation: string) => {
  const issuers = resource["authorization_servers"] as string[];
  const issuer = issuers.find((one) => one.endsWith("/" + organisation)) ?? fail(`no provider of ${organisation}`);
  const metadata = await json(issuer + "/.well-known/openid-configuration");
  const given = await json(metadata["token_endpoint"] as string, {
    method: "POST",
    headers: { Authorization: "Basic " + Buffer.from(`${client}:${client}-demo-secret`).toString("base64") },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  return as(given["access_token"] as string);
};
const [sender, reader, focal] = [await machine("gtas", "wco"), await machine("gotravel", "unoct"), as(env("TOKEN_FOCAL"))];

const me = await sender.GET("/me");
if (!me.data?.service?.purposes.includes("art2.f")) fail("a machine is not told to what it is confined");
const content = `UNB+INVENTED:1+${randomUUID()}'\n`.repeat(20);
const metadata: components["schemas"]["DepositMetadata"] = {
  title: "Arrivals " + randomUUID(), marking: "restricted", purpose_statement: "For the trial", purposes: ["art2.f"],
  recipient: "org_unoct", personal_data: { present: false }, entities_concerned: "none", derived_from: "none", size: content.length,
};
const made = await deposit(sender, key(), metadata, content, "arrivals.edi");
const document = made.data ?? fail(JSON.stringify(made.error));

const asked = await reader.POST("/documents/{id}/requests", {
  params: { path: { id: document.id }, header: key() },
  body: { for: { organisation: "org_unoct" }, purpose: "art2.f", statement: "To load it", form: "original", until: new Date(Date.now() + 864e5).toISOString() },
});
const request = asked.data ?? fail(JSON.stringify(asked.error));
await authorize(focal, request.id);
await inForce(reader, request.id);
for (let after: string | undefined, heard = false; !heard; ) {
  const page = await reader.GET("/events", { params: { query: { wait: 5, ...(after ? { after } : {}) } } });
  const events = page.data?.items ?? fail(JSON.stringify(page.error));
  if (events.length === 0) fail("no event tells that the request is in force");
  heard = events.some((e) => e.kind === "in-force" && e.request === request.id);
  after = events[events.length - 1]?.id;
}

const permitted = await reader.POST("/documents/{id}/disclosures", {
  params: { path: { id: document.id }, header: key() },
  body: { purpose: "art2.f", statement: "To load it", form: "original" },
});
const disclosure = permitted.data ?? fail(JSON.stringify(permitted.error));
const got = await reader.GET("/disclosures/{id}/content", { params: { path: { id: disclosure.id } }, parseAs: "arrayBuffer" });
isWhatWasDeposited(Buffer.from(got.data as ArrayBuffer), got.response.headers, content);
const receipts = [
  await reader.GET("/disclosures/{id}/receipt", { params: { path: { id: disclosure.id } } }),
  await sender.GET("/receipts/{id}", { params: { path: { id: document.log_entry ?? fail("the deposit has no entry") } } }),
];
for (const one of receipts) if (!one.data?.proof.startsWith("c2sp.org/tlog-proof")) fail(JSON.stringify(one.data ?? one.error));
ok("typescript, two machines", "tokens from the metadata, deposited, asked, waited, disclosed, digest and both receipts");
