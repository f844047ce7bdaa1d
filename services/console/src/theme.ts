import { createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from "@mantine/core";

const iris: MantineColorsTuple = [
  "#f4f3ff",
  "#e8e6fe",
  "#cfcbfb",
  "#b2abf6",
  "#978df1",
  "#8074ea",
  "#6a5fe0",
  "#5b50c9",
  "#4a41a6",
  "#383180",
];

/** From text (0) over borders (4) and surfaces (6) to the page (7): ink, slightly blue. */
const dark: MantineColorsTuple = [
  "#e3e5ec",
  "#c2c6d2",
  "#959bab",
  "#6b7182",
  "#323848",
  "#272c39",
  "#1c202a",
  "#13161d",
  "#0f1117",
  "#0a0c11",
];

export const theme = createTheme({
  colors: { iris, dark },
  primaryColor: "iris",
  primaryShade: { light: 6, dark: 6 },
  defaultRadius: "md",
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, Menlo, Consolas, monospace",
  headings: { fontWeight: "650" },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
});

/** The key is also in public/color-scheme.js, which runs before the first paint. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: "vibe-friend-color-scheme" });
