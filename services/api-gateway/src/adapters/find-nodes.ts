import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

/** Milliseconds that found addresses are believed, and that a request waits for new ones. */
const BELIEVED_MS = 1000;
const PATIENCE_MS = 300;

/** @returns every address behind a host's name */
export type ResolveName = (hostname: string) => Promise<readonly string[]>;

/**
 * Where the nodes are now. A name that stands for several addresses, as one of a scaled compose service or a headless
 * Kubernetes service, is several nodes; it is looked up again every second, so nodes may come and go. Names behind
 * https stay as they are, since their certificate names them.
 *
 * @returns the last known addresses while names can't be looked up, the name itself while none are known
 */
export function createFindNodes(urls: readonly string[], resolveName: ResolveName = askResolver) {
  const known = new Map<string, { nodes: readonly string[]; readonly askedAt: number }>();

  async function ask(url: string, before: readonly string[]): Promise<readonly string[]> {
    const entry = { nodes: before, askedAt: performance.now() };
    known.set(url, entry);
    try {
      const addresses = await resolveName(new URL(url).hostname);
      if (addresses.length > 0) entry.nodes = addresses.map((address) => replaceHost(url, address));
    } catch {
      // The name service is away, the nodes need not be.
    }
    return entry.nodes;
  }

  async function find(url: string): Promise<readonly string[]> {
    const { hostname, protocol } = new URL(url);
    if (protocol === "https:" || isIP(hostname.replace(/^\[|\]$/g, "")) !== 0) return [url];
    const before = known.get(url);
    if (before !== undefined && performance.now() - before.askedAt < BELIEVED_MS) return before.nodes;
    const nodes = before?.nodes ?? [url];
    return within(PATIENCE_MS, ask(url, nodes), nodes);
  }

  return async (): Promise<string[]> => {
    const found = await Promise.all(urls.map(find));
    return [...new Set(found.flat())];
  };
}

async function askResolver(hostname: string): Promise<readonly string[]> {
  const answers = await lookup(hostname, { all: true });
  return answers.map(({ address }) => address);
}

function replaceHost(url: string, address: string): string {
  const changed = new URL(url);
  changed.hostname = isIP(address) === 6 ? `[${address}]` : address;
  return changed.toString().replace(/\/+$/, "");
}

async function within<T>(timeoutMs: number, answer: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => {
      resolve(otherwise);
    }, timeoutMs);
  });
  const first = await Promise.race([answer, late]);
  clearTimeout(timer);
  return first;
}
