import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerfileParser } from "dockerfile-ast";
import { parse } from "yaml";

const root = join(__dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface ComposeService {
  readonly image?: string;
  readonly command?: string | readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: {
    readonly test: readonly string[];
    readonly interval: string;
    readonly timeout: string;
    readonly retries: number;
  };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly container_name?: string;
  readonly build?: { readonly dockerfile: string; readonly args: { readonly SERVICE: string } };
}

const compose = parse(read("docker-compose.yml"), { merge: true }) as {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const ours = ["api-gateway", "auth", "cache", "generation-worker", "notification", "console"];
const service = (name: string): ComposeService => {
  const found = compose.services[name];
  if (!found) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};

describe("docker-compose.yml", () => {
  it("has a container for every service, built from its own folder", () => {
    for (const name of ours) {
      expect(service(name).build?.args.SERVICE).toBe(name);
      expect(() => read(`services/${name}/package.json`)).not.toThrow();
    }
  });

  it("checks Redis by its answer, since redis-cli exits 0 without a password too", () => {
    for (const name of ["redis", "redis-cache"]) {
      expect(service(name).image).toBe("redis:7-alpine");
      expect(service(name).healthcheck).toMatchObject({ interval: "10s", timeout: "3s", retries: 5 });
      expect(service(name).healthcheck?.test.join(" ")).toMatch(/REDISCLI_AUTH=.*ping.*PONG/);
    }
  });

  it("publishes Redis and the gateway on loopback only, and nothing else", () => {
    const published = Object.entries(compose.services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, port]),
    );
    expect(published.map(([name]) => name).sort()).toEqual(["api-gateway", "redis"]);
    expect(published.every(([, port]) => port?.startsWith("127.0.0.1:"))).toBe(true);
    expect(service("redis").ports).toEqual(["127.0.0.1:6379:6379"]);
    expect(service("redis").volumes?.[0]).toBe("redis_data:/data");
    expect(compose.volumes).toHaveProperty("redis_data");
  });

  it("hands REDIS_* of both roles to every service that uses Redis", () => {
    for (const name of ours.filter((candidate) => candidate !== "console")) {
      expect(service(name).environment).toMatchObject({
        REDIS_HOST: "redis",
        REDIS_PORT: "6379",
        REDIS_DB: "0",
        REDIS_CACHE_HOST: "redis-cache",
      });
      expect(service(name).environment).toHaveProperty("REDIS_PASSWORD");
    }
  });

  it("starts services after healthy servers and a finished migration", () => {
    for (const name of ours.filter((candidate) => candidate !== "console")) {
      expect(service(name).depends_on).toEqual({
        migrate: { condition: "service_completed_successfully" },
        postgres: { condition: "service_healthy" },
        redis: { condition: "service_healthy" },
        "redis-cache": { condition: "service_healthy" },
      });
    }
  });

  it("names nothing that would stand in the way of --scale", () => {
    expect(service("generation-worker").ports).toBeUndefined();
    expect(service("generation-worker").container_name).toBeUndefined();
  });

  it("takes only variables that .env.example explains", () => {
    const used = [...read("docker-compose.yml").matchAll(/\$\{(\w+)/g)].map((match) => match[1]);
    const explained = [...read(".env.example").matchAll(/^#? ?(\w+)=/gm)].map((match) => match[1]);
    expect(explained).toEqual(expect.arrayContaining([...new Set(used)]));
  });

  it("holds no secret of its own", () => {
    expect(read("docker-compose.yml")).not.toMatch(/(PASSWORD|SECRET|API_KEY): (?!\$\{)[^\s]/);
  });
});

describe("Redis roles", () => {
  it("never evict state and keep it on disk", () => {
    expect(read("deploy/redis/state.conf")).toMatch(/^maxmemory-policy noeviction$/m);
    expect(read("deploy/redis/state.conf")).toMatch(/^appendonly yes\nappendfsync everysec$/m);
  });

  it("let the cache forget what is used least", () => {
    expect(read("deploy/redis/cache.conf")).toMatch(/^maxmemory 256mb\nmaxmemory-policy allkeys-lru$/m);
  });
});

describe("deploy/Dockerfile", () => {
  const instructions = DockerfileParser.parse(read("deploy/Dockerfile")).getInstructions();
  const keywords = instructions.map((instruction) => instruction.getKeyword());

  it("parses, and only uses instructions that exist", () => {
    const known = ["ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "CMD", "HEALTHCHECK"];
    expect(keywords.filter((keyword) => !known.includes(keyword))).toEqual([]);
  });

  it("gives up root before it runs anything of ours", () => {
    const lastStage = keywords.slice(keywords.lastIndexOf("FROM"));
    expect(lastStage.indexOf("USER")).toBeGreaterThan(0);
    expect(lastStage.indexOf("USER")).toBeLessThan(lastStage.indexOf("CMD"));
    const user = instructions.findLast((instruction) => instruction.getKeyword() === "USER");
    expect(user?.getArgumentsContent()).toBe("node");
  });

  it("copies only files that exist", () => {
    const sources = instructions
      .filter((instruction) => instruction.getKeyword() === "COPY")
      .map((instruction) => instruction.getArgumentsContent() ?? "")
      .flatMap((content) => content.split(/\s+/).slice(0, -1))
      // Absolute ones come out of an earlier stage.
      .filter((source) => !source.startsWith("/"));
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
  });
});
