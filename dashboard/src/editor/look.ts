import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const PANEL = { border: '1px solid var(--mantine-color-default-border)', background: 'var(--surface)' };

/** The editor's look from the theme's variables, so that it follows the colour scheme by itself. */
export const look = EditorView.theme({
  '&': { color: 'var(--mantine-color-text)', fontSize: '13px', background: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--mantine-font-family-monospace)',
    lineHeight: '1.55',
    minHeight: 'var(--code-height)',
    maxHeight: '60vh',
  },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--mantine-color-text)' },
  '.cm-line': { padding: '0 10px' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '& ::selection': { background: 'color-mix(in srgb, var(--good) 28%, transparent) !important' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    background: 'color-mix(in srgb, var(--good) 20%, transparent)',
  },
  '.cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket': { background: 'transparent', color: 'var(--bad)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad)',
    textDecorationSkipInk: 'none',
    textUnderlineOffset: '3px',
    paddingBottom: '0',
  },
  '.cm-lintPoint-error:after': { borderBottomColor: 'var(--bad)' },
  '.cm-tooltip': {
    ...PANEL,
    color: 'var(--mantine-color-text)',
    borderRadius: '6px',
    boxShadow: '0 6px 18px rgb(0 0 0 / 18%)',
    overflow: 'hidden',
    zIndex: '320',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--mantine-font-family-monospace)',
    fontSize: '12.5px',
    maxHeight: '14em',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 10px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    background: 'var(--mantine-primary-color-filled)',
    color: 'var(--mantine-primary-color-contrast)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected] .cm-completionDetail': { color: 'inherit' },
  '.cm-completionDetail': { color: 'var(--mantine-color-dimmed)', fontStyle: 'normal', marginLeft: '12px' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
  '.cm-completionInfo': {
    padding: '8px 10px',
    fontFamily: 'var(--mantine-font-family)',
    fontSize: '13px',
    maxWidth: '280px',
  },
  '.cm-diagnostic': { padding: '6px 10px', fontFamily: 'var(--mantine-font-family)', fontSize: '13px' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--bad)' },
});

export const highlighting = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.keyword, tags.controlKeyword, tags.definitionKeyword], color: 'var(--code-word)' },
    { tag: [tags.number, tags.bool, tags.null], color: 'var(--warn)' },
    { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
    { tag: tags.function(tags.variableName), color: 'var(--code-call)' },
    { tag: tags.propertyName, color: 'var(--code-call)' },
    { tag: tags.comment, color: 'var(--mantine-color-dimmed)', fontStyle: 'italic' },
    { tag: [tags.operator, tags.punctuation, tags.bracket], color: 'var(--mantine-color-dimmed)' },
    { tag: tags.invalid, color: 'var(--bad)' },
  ]),
);
