import { emptyGenerationView } from "@vibe-friend/client/generation-view";
import { chooseFile } from "./choose-file";

const view = { ...emptyGenerationView, newestPath: "src/b.ts" };
const paths = ["README.md", "src/a.ts", "src/b.ts"];

describe("the file that is shown", () => {
  it("follows the newest until the person picks one", () => {
    expect(chooseFile({ view, paths, picked: undefined, openedEnded: false })).toBe("src/b.ts");
    expect(chooseFile({ view, paths, picked: "src/a.ts", openedEnded: false })).toBe("src/a.ts");
  });

  it("goes back to the newest when the picked one is gone", () => {
    expect(chooseFile({ view, paths, picked: "gone.ts", openedEnded: false })).toBe("src/b.ts");
  });

  it("is the README of what had ended before", () => {
    expect(chooseFile({ view, paths, picked: undefined, openedEnded: true })).toBe("README.md");
    expect(chooseFile({ view, paths: ["a.ts"], picked: undefined, openedEnded: true })).toBe("a.ts");
  });

  it("is none while there is none", () => {
    expect(chooseFile({ view, paths: [], picked: undefined, openedEnded: false })).toBeUndefined();
  });
});
