import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'));

/** The content security policy of the platform forbids style elements; these parts of Mantine write them. */
test('no page uses a part of Mantine that writes style elements', () => {
  const parts = /^(AppShell|Grid|SimpleGrid|Flex|ColorSchemeScript|TypographyStylesProvider)$/;
  const faults = sources.flatMap((file) => {
    const text = readFileSync(`src/${file}`, 'utf8');
    const imported = [...text.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)]
      .flatMap(([, names]) => names!.split(','))
      .map((name) => name.trim())
      .filter((name) => parts.test(name));
    const responsive = text.match(/=\{\{ *(base|xs|sm|md|lg|xl):/g) ?? [];
    const hiding = text.match(/\b(hiddenFrom|visibleFrom)=/g) ?? [];
    return [...imported, ...responsive, ...hiding].map((what) => `${file}: ${what}; write it in a style sheet`);
  });
  expect(faults).toEqual([]);
});
