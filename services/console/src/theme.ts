import {
  createTheme,
  localStorageColorSchemeManager,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from "@mantine/core";

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

/** The component library's page, text and soft tints, in the tones of global.css. */
export const resolveCssVariables: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-color-body": "var(--vf-page)",
    "--mantine-color-text": "var(--vf-text)",
    "--mantine-color-dimmed": "var(--vf-muted)",
    "--mantine-color-iris-light-color": "var(--vf-accent-text)",
  };
  return {
    variables: {},
    light: {
      ...shared,
      "--mantine-color-gray-light": "rgb(60 66 87 / 7%)",
      "--mantine-color-gray-light-color": "#4b5163",
      "--mantine-color-teal-light": "rgb(18 160 120 / 11%)",
      "--mantine-color-teal-light-color": "#0a7357",
      "--mantine-color-red-light": "rgb(224 49 49 / 8%)",
      "--mantine-color-red-light-color": "#b92b2b",
    },
    dark: {
      ...shared,
      "--mantine-color-gray-light": "rgb(255 255 255 / 7%)",
      "--mantine-color-gray-light-color": "#c2c6d2",
      "--mantine-color-iris-light": "rgb(128 116 234 / 20%)",
      "--mantine-color-teal-light": "rgb(56 217 169 / 13%)",
      "--mantine-color-teal-light-color": "#7ee2c0",
      "--mantine-color-red-light": "rgb(250 82 82 / 14%)",
      "--mantine-color-red-light-color": "#ffb0b0",
    },
  };
};
