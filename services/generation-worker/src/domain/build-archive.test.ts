import { inflateRawSync } from "node:zlib";
import { BuildStopped, createBuildArchive } from "./build-archive";
import { StoreUnavailable } from "./errors";
import { ARCHIVE_PART_BYTES } from "./pack-files";
import { createMemoryArchive } from "./testing/memory-archive";
import { silentLogger as logger } from "./testing/silent-logger";

jest.setTimeout(20_000);

/** Text that doesn't get much smaller by packing, the same every time. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return String.fromCharCode(33 + ((state >>> 16) % 90));
  }).join("");
}

const large = [noise(300_000), noise(300_000), noise(300_000), noise(200_000)];
const files = new Map<string, readonly string[]>([
  ["README.md", ["# Library – “books” 📚"]],
  ["empty.txt", []],
  ["src/large.ts", large],
  ["src/small.ts", ["export {};"]],
]);

function setup(texts: ReadonlyMap<string, readonly string[]> = files) {
  const archive = createMemoryArchive(texts);
  const told: string[] = [];
  const outcomes: string[] = [];
  const build = createBuildArchive({
    store: archive.store,
    news: {
      queued: () => told.push("queued"),
      grew: (_id, parts) => told.push(`grew to ${parts}`),
    },
    metrics: { ended: (outcome) => outcomes.push(outcome), stored: () => undefined },
    logger,
    clock: () => performance.now(),
    storeAwayMs: 2000,
  });
  const run = async (signal = new AbortController().signal) => {
    const claimed = await archive.store.claim("g");
    return build(claimed!, signal);
  };
  return { archive, told, outcomes, run };
}

async function wholeZip(): Promise<Buffer> {
  const { archive, run } = setup();
  await run();
  return archive.zip();
}

it("packs every file into a folder named after the prompt, in parts of 256 KB", async () => {
  const { archive, told, outcomes, run } = setup();
  expect(await run()).toBe("ready");
  expect(outcomes).toEqual(["ready"]);
  expect(archive.status()).toBe("ready");
  expect(unzip(archive.zip())).toEqual(
    new Map([...files].map(([path, pieces]) => [`a-library-with-books/${path}`, pieces.join("")])),
  );
  expect(archive.parts.length).toBeGreaterThan(3);
  expect(archive.parts.slice(0, -1).map((part) => part.length)).toEqual(
    archive.parts.slice(1).map(() => ARCHIVE_PART_BYTES),
  );
  expect(told.at(0)).toBe("grew to 1");
  expect(told.at(-1)).toBe(`grew to ${archive.parts.length}`);
});

it("makes the same bytes in every time zone, and needs no ZIP64 for them", async () => {
  const undisturbed = await wholeZip();
  // As far in the east as it gets.
  jest.spyOn(Date.prototype, "getHours").mockReturnValue(2);
  jest.spyOn(Date.prototype, "getDate").mockReturnValue(2);
  const elsewhere = await wholeZip();
  jest.restoreAllMocks();
  expect(elsewhere.equals(undisturbed)).toBe(true);
  expect(undisturbed.includes(Buffer.from([0x50, 0x4b, 6, 6]))).toBe(false);
  // 12:34:56 on 2026-03-01, as UTC has it (APPNOTE 4.4.6).
  expect(undisturbed.readUInt16LE(10)).toBe((12 << 11) | (34 << 5) | 28);
  expect(undisturbed.readUInt16LE(12)).toBe(((2026 - 1980) << 9) | (3 << 5) | 1);
});

it("goes on after a builder that died, to the same bytes", async () => {
  const undisturbed = await wholeZip();
  const { archive, run } = setup();
  archive.beforeAppend((part) => {
    if (part === 2) archive.requeue();
  });
  expect(await run()).toBe("fenced");
  expect(archive.parts).toHaveLength(2);
  archive.beforeAppend(() => undefined);
  expect(await run()).toBe("ready");
  expect(archive.zip().equals(undisturbed)).toBe(true);
});

it("fails rather than mix what was packed otherwise", async () => {
  const { archive, told, run } = setup();
  archive.parts.push(Buffer.alloc(ARCHIVE_PART_BYTES));
  expect(await run()).toBe("failed");
  expect(archive.status()).toBe("failed");
  expect(told).toEqual(["grew to 1"]);
  const short = setup(new Map([["a.ts", ["x"]]]));
  await short.run();
  short.archive.parts.push(Buffer.from("more"));
  short.archive.requeue();
  expect(await short.run()).toBe("failed");
});

it("hands back at once when told to stop, in the middle of a part", async () => {
  const { archive, told, run } = setup();
  const stopping = new AbortController();
  archive.beforeAppend((part) => {
    if (part === 1) stopping.abort(new BuildStopped("handing-back"));
  });
  expect(await run(stopping.signal)).toBe("handed-back");
  expect(archive.status()).toBe("queued");
  expect(told.at(-1)).toBe("queued");
});

it("writes nothing more once the row is somebody else's", async () => {
  const { archive, run } = setup();
  archive.beforeAppend((part) => {
    if (part === 1) archive.steal();
  });
  expect(await run()).toBe("fenced");
  expect(archive.parts).toHaveLength(1);
  expect(archive.status()).toBe("building");
});

it("waits for a store that is away, while writing and while reading", async () => {
  const undisturbed = await wholeZip();
  const { archive, run } = setup();
  let writes = 0;
  archive.beforeAppend((part) => {
    if (part === 1 && (writes += 1) === 1) throw new StoreUnavailable();
  });
  const read = archive.store.readFile;
  let faults = 0;
  archive.store.readFile = async function* (id, file) {
    let pieces = 0;
    for await (const piece of read(id, file)) {
      yield piece;
      pieces += 1;
      if (pieces < 2 || faults > 0) continue;
      faults += 1;
      throw new StoreUnavailable();
    }
  };
  expect(await run()).toBe("ready");
  expect([writes, faults]).toEqual([2, 1]);
  expect(archive.zip().equals(undisturbed)).toBe(true);
});

it("reads no further while a part is being stored", async () => {
  const pieces = Array.from({ length: 20 }, () => large[0] ?? "");
  const { archive, run } = setup(new Map([["huge.ts", pieces]]));
  const { readFile } = archive.store;
  let read = 0;
  archive.store.readFile = async function* (id, file) {
    for await (const piece of readFile(id, file)) {
      read += 1;
      yield piece;
    }
  };
  archive.store.append = async () => {
    // Long enough for everything that would be read ahead.
    await new Promise((resolve) => setTimeout(resolve, 200));
    return "fenced";
  };
  await run();
  expect(read).toBeLessThan(8);
});

it("is handed back although the store is away for a moment while the worker stops", async () => {
  const { archive, run } = setup();
  const stopping = new AbortController();
  const { handBack } = archive.store;
  let tries = 0;
  archive.store.handBack = (hold) => {
    tries += 1;
    return tries === 1 ? Promise.reject(new StoreUnavailable()) : handBack(hold);
  };
  archive.beforeAppend(() => {
    stopping.abort(new BuildStopped("handing-back"));
  });
  expect(await run(stopping.signal)).toBe("handed-back");
  expect(archive.status()).toBe("queued");
});

it.each([
  ["a path that leaves the folder", "../../etc/passwd", ["x"]],
  ["an absolute path", "/etc/passwd", ["x"]],
])("fails with %s", async (_what, path, pieces) => {
  const { archive, run } = setup(new Map([[path, pieces]]));
  expect(await run()).toBe("failed");
  expect(archive.status()).toBe("failed");
});

it("fails when a file isn't as long as its row says, or can't be read", async () => {
  const cut = setup();
  cut.archive.store.readFile = async function* () {
    yield await Promise.resolve("too short");
  };
  expect(await cut.run()).toBe("failed");
  const broken = setup();
  broken.archive.store.readFile = async function* () {
    await Promise.reject(new Error("gone"));
  };
  expect(await broken.run()).toBe("failed");
});

/** Reads a zip by its central directory (APPNOTE 4.3.12). */
function unzip(zip: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  let at = zip.readUInt32LE(end + 16);
  for (let entry = 0; entry < zip.readUInt16LE(end + 10); entry += 1) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    found.set(name, inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(at + 20))).toString());
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return found;
}
