// The whole way of a platform with nothing but the contract: deposit, request, decide, wait, disclose, read in ranges, check
// the digest, take the receipt. Types by openapi-typescript, calls by openapi-fetch.
import { randomUUID } from "node:crypto";
import type { components } from "./gateway.js";
import { as, authorize, deposit, env, fail, inForce, isWhatWasDeposited, key, ok } from "./calls.js";

const [staff, focal, reader] = [as(env("TOKEN_STAFF")), as(env("TOKEN_FOCAL")), as(env("TOKEN_READER"))];

const content = "Indicators: three ports, two carriers, one pattern.\n".repeat(2000);
const metadata: components["schemas"]["DepositMetadata"] = {
  title: "Indicators " + randomUUID(), marking: "restricted", purpose_statement: "For the training", purposes: ["art2.e"],
  recipient: "org_unoct", personal_data: { present: false }, entities_concerned: "none", derived_from: "none", size: content.length,
};
const once = key();
const made = await deposit(staff, once, metadata, content, "indicators.txt");
const document = made.data ?? fail(JSON.stringify(made.error));
const again = await deposit(staff, once, metadata, content, "indicators.txt");
if (again.data?.id !== document.id) fail("repeated under its key, the deposit made another document");

const asked = await reader.POST("/documents/{id}/requests", {
  params: { path: { id: document.id }, header: key() },
  body: { for: { organisation: "org_unoct" }, purpose: "art2.e", statement: "To prepare", form: "original", until: new Date(Date.now() + 864e5).toISOString() },
});
const request = asked.data ?? fail(JSON.stringify(asked.error));
await authorize(focal, request.id);
await inForce(reader, request.id);
const permitted = await reader.POST("/documents/{id}/disclosures", {
  params: { path: { id: document.id }, header: key() },
  body: { purpose: "art2.e", statement: "To prepare", form: "original" },
});
const disclosure = permitted.data ?? fail(JSON.stringify(permitted.error));
const part = async (range: string, ifRange?: string) => {
  const got = await reader.GET("/disclosures/{id}/content", {
    params: { path: { id: disclosure.id }, header: { Range: range, ...(ifRange ? { "If-Range": ifRange } : {}) } },
    parseAs: "arrayBuffer",
  });
  if (got.response.status !== 206) fail(`range: ${got.response.status}`);
  return { bytes: Buffer.from(got.data as ArrayBuffer), headers: got.response.headers };
};
const first = await part("bytes=0-999");
const rest = await part("bytes=1000-", first.headers.get("ETag") ?? undefined);
const whole = Buffer.concat([first.bytes, rest.bytes]);
isWhatWasDeposited(whole, first.headers, content);
const receipt = await reader.GET("/disclosures/{id}/receipt", { params: { path: { id: disclosure.id } } });
if (!receipt.data?.proof.startsWith("c2sp.org/tlog-proof")) fail(JSON.stringify(receipt.data ?? receipt.error));
const refused = await reader.GET("/documents/{id}", { params: { path: { id: "doc_0" } } });
if (refused.error?.code !== "request/not-found") fail(JSON.stringify(refused.error));
const page = await fetch(refused.error?.type.replace(/^.*\/problems/, env("GATEWAY") + "/problems") ?? "");
if (!page.ok) fail(`the type of a problem answers ${page.status}`);
ok("typescript", "deposited, asked, decided, waited, disclosed, read in ranges, digest and receipt");
