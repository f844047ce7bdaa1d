import { createOriginPolicy } from "./origin-policy";

const policy = createOriginPolicy("https://vibe.example.org", ["https://app.example.org/"]);
const nothing = { origin: undefined, fetchSite: undefined, host: "vibe.example.org" };

it.each([
  ["the public address", { origin: "https://vibe.example.org" }],
  ["a listed origin", { origin: "https://app.example.org" }],
  ["the same host under another name", { origin: "http://localhost:8081", host: "localhost:8081" }],
  ["no browser", {}],
  ["a same-origin fetch", { fetchSite: "same-origin" }],
  ["an address typed by hand", { fetchSite: "none" }],
])("allows %s", (_name, given) => {
  expect(policy.allows({ ...nothing, ...given })).toBe(true);
});

it.each([
  ["another site", { origin: "https://evil.example" }],
  ["another port", { origin: "https://vibe.example.org:444" }],
  ["another protocol", { origin: "http://vibe.example.com" }],
  ["a look-alike", { origin: "https://vibe.example.org.evil.example" }],
  ["a sandboxed page", { origin: "null" }],
  ["no origin but a foreign page", { fetchSite: "cross-site" }],
  ["a sister site", { fetchSite: "same-site" }],
])("refuses %s", (_name, given) => {
  expect(policy.allows({ ...nothing, ...given })).toBe(false);
});
