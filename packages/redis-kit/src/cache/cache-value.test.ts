import { z } from "zod";
import { deserialize, jitterTtlMs, serialize } from "./cache-value";

const schema = z.object({ name: z.string(), at: z.iso.datetime() });
const value = { name: "Ada", at: "2026-01-02T03:04:05.000Z" };

it("writes plain JSON, as redis-cli shows it, and reads it back", () => {
  expect(serialize(value)).toBe('{"name":"Ada","at":"2026-01-02T03:04:05.000Z"}');
  expect(deserialize(serialize(value), schema)).toEqual({ ok: true, value });
});

it.each(["", "{", "null", '{"name":"Ada"}', '{"name":1,"at":"2026-01-02T03:04:05.000Z"}'])(
  "finds no value in %j",
  (text) => {
    expect(deserialize(text, schema)).toEqual({ ok: false });
  },
);

it("finds no value where the schema itself throws", () => {
  const throwing = z.string().refine(() => {
    throw new Error("a check that fails");
  });
  expect(deserialize('"text"', throwing)).toEqual({ ok: false });
});

it.each([[undefined], [() => 1], [Symbol("name")]])("refuses %p, which JSON can't hold", (given) => {
  expect(() => serialize(given)).toThrow(TypeError);
});

it("shortens a time-to-live by up to a tenth, never to nothing", () => {
  expect(jitterTtlMs(1000, () => 0)).toBe(1000);
  expect(jitterTtlMs(1000, () => 1)).toBe(900);
  expect(jitterTtlMs(0.4, () => 1)).toBe(1);
});
