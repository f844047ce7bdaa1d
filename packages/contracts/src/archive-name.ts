const MAX_LENGTH = 40;

/** What a generation's zip and the folder in it are called: the prompt's first words, or `project`. */
export function archiveName(prompt: string): string {
  const words = prompt
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  if (words.length <= MAX_LENGTH) return words === "" ? "project" : words;
  const cut = words.slice(0, MAX_LENGTH + 1);
  const lastDash = cut.lastIndexOf("-");
  return lastDash > 0 ? cut.slice(0, lastDash) : words.slice(0, MAX_LENGTH);
}
