import { defaultLimits } from "./limits";
import { createProgramFiles } from "./program-files";

describe("createProgramFiles", () => {
  it.each([
    ["src", "src/a.ts"],
    ["src/a.ts", "src"],
    ["a/b/c/d.ts", "a/b"],
    ["a/b", "a/b/c/d.ts"],
  ])("refuses a name for a file and a folder: %s, %s", (first, second) => {
    const earlier = createProgramFiles(defaultLimits, [{ path: first, bytes: 1 }]);
    expect(() => {
      earlier.open(second);
    }).toThrow("can't be both a file and a folder");
    const files = createProgramFiles(defaultLimits);
    files.open(first);
    files.abandon();
    expect(() => {
      files.open(second);
    }).toThrow("can't be both a file and a folder");
  });

  it("takes names that only begin alike", () => {
    const files = createProgramFiles(defaultLimits, [{ path: "src/a", bytes: 1 }]);
    for (const path of ["src/a.ts", "src/ab/c", "s", "src2/a"]) files.open(path);
    expect(files.unfinished()).toHaveLength(4);
  });

  it("counts what is replaced once", () => {
    const files = createProgramFiles({ ...defaultLimits, maxTotalBytes: 10 }, [{ path: "a", bytes: 8 }]);
    files.open("a");
    files.append("12345678");
    expect(files.complete()).toEqual({ path: "a", content: "12345678" });
    expect(files.completedPaths()).toEqual(["a"]);
    files.open("b");
    files.append("12");
    expect(() => files.append("3")).toThrow("larger than 10 bytes");
  });
});
