import {
  convertCssVariables,
  defaultCssVariablesResolver,
  deepMerge,
  DEFAULT_THEME,
  mergeMantineTheme,
} from '@mantine/core';
import { theme, variables } from './theme';

/**
 * Gives the page the theme's variables as a style sheet of its own. Mantine would write them into a `<style>` element,
 * which the content security policy forbids; a sheet that a script makes is the script's doing and no inline style.
 */
export function adoptTheme(target: Document) {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme);
  const css = convertCssVariables(deepMerge(defaultCssVariablesResolver(merged), variables(merged)), ':root');
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  target.adoptedStyleSheets = [...target.adoptedStyleSheets, sheet];
}
