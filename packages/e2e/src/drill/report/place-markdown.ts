const begin = "<!-- drill: from here -->";
const end = "<!-- drill: to here -->";

/**
 * Puts the tables between their two marks, so that a README can be brought up to date.
 *
 * @param existing what the file holds; undefined when there is none
 * @returns what the file is to hold: without marks, the tables alone
 */
export function placeMarkdown(existing: string | undefined, markdown: string): string {
  const from = existing?.indexOf(begin) ?? -1;
  const to = existing?.indexOf(end) ?? -1;
  if (existing === undefined || from === -1 || to < from) return markdown;
  return `${existing.slice(0, from + begin.length)}\n\n${markdown}\n${existing.slice(to)}`;
}
