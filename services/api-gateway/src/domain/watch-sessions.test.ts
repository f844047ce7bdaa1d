import { createSessionWatch } from "./watch-sessions";

function setup() {
  const open = new Set(["a", "b"]);
  const ended: string[] = [];
  let isAway = false;
  const watch = createSessionWatch((ids) =>
    isAway ? Promise.reject(new Error("away")) : Promise.resolve(ids.filter((id) => open.has(id))),
  );
  const add = (id: string) => watch.add(id, () => ended.push(id));
  return { open, ended, watch, add, setAway: (away: boolean) => (isAway = away) };
}

describe("session watch", () => {
  it("ends what belongs to a session that is over, and nothing else", async () => {
    const { open, ended, watch, add } = setup();
    add("a");
    add("b");
    open.delete("a");
    await watch.look();
    expect(ended).toEqual(["a"]);
  });

  it("ends nothing while nobody can be asked, and looks again", async () => {
    const { open, ended, watch, add, setAway } = setup();
    add("a");
    open.clear();
    setAway(true);
    await watch.look();
    expect(ended).toEqual([]);
    setAway(false);
    await watch.look();
    expect(ended).toEqual(["a"]);
  });

  it("forgets what was closed", async () => {
    const { open, ended, watch, add } = setup();
    add("a")();
    open.clear();
    await watch.look();
    expect(ended).toEqual([]);
  });
});
