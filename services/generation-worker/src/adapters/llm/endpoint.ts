import OpenAI from "openai";

/**
 * A client for an OpenAI-compatible endpoint. It never retries, never logs, never follows a redirect (the
 * prompt and the key go to the configured address only). A user and password in the address are sent as
 * basic authentication, so that no later message can hold them; a query is kept for every request.
 *
 * @throws {Error} the address isn't an http(s) URL; the message doesn't repeat it
 */
export function createEndpoint(baseUrl: string, apiKey: string | undefined): OpenAI {
  const url = parseAddress(baseUrl);
  const query = Object.fromEntries(url.searchParams);
  const login = url.username === "" && url.password === "" ? undefined : basicLogin(url);
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  const hasKey = apiKey !== undefined && apiKey !== "";
  return new OpenAI({
    baseURL: url.href.replace(/\/$/, ""),
    // The SDK insists on a key; endpoints such as Ollama need none, so the header is taken out again.
    apiKey: hasKey ? apiKey : "none",
    ...(hasKey ? {} : { defaultHeaders: { Authorization: login ?? null } }),
    defaultQuery: query,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    logLevel: "off",
    fetchOptions: { redirect: "manual" },
  });
}

function parseAddress(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new Error("The address of the model endpoint isn't an http or https URL.");
}

function basicLogin(url: URL): string {
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(login).toString("base64")}`;
}
