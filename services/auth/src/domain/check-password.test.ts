import { checkNewPassword } from "./check-password";

it.each([
  "correct horse battery staple",
  "a sentence nobody else has",
  "Tr0ub4dor&3-and-more",
  "ünïcödé pässwörd",
  "zxcvbnm-and-the-rest",
])("takes %j", (password) => {
  expect(() => {
    checkNewPassword(password);
  }).not.toThrow();
});

it.each([
  ["password1234", "digits behind a common word"],
  ["qwerty123456", "the list"],
  ["1q2w3e4r5t6y", "the list"],
  ["PASSWORDPASSWORD", "a common word twice, shouted"],
  ["123456123456", "a common number twice"],
  ["aaaaaaaaaaaa", "one letter"],
  ["abababababab", "two letters"],
  ["123456789012345", "digits only"],
])("refuses %j: %s", (password) => {
  expect(() => {
    checkNewPassword(password);
  }).toThrow(expect.objectContaining({ code: "invalid_request" }) as Error);
});

it("follows the setting of the shortest length", () => {
  expect(() => {
    checkNewPassword("a fine sentence", 16);
  }).toThrow(expect.objectContaining({ code: "invalid_request" }) as Error);
});
