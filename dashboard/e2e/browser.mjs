import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** Where Chromium is, or `undefined`. */
export const chromiumPath = () => PLACES.find((path) => path && existsSync(path));

export const launch = () =>
  chromium.launch({
    executablePath: chromiumPath(),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/**
 * A fresh browser profile. Whatever the page complains of (an exception, an error on the console, a breach of the
 * content security policy) is put into `complaints`; refused requests are not, for some are asked for on purpose.
 */
export async function profile(browser, { viewport, colorScheme }, complaints) {
  const context = await browser.newContext({
    viewport,
    colorScheme,
    locale: 'en-GB',
    deviceScaleFactor: viewport === PHONE ? 2 : 1,
    hasTouch: viewport === PHONE,
  });
  const page = await context.newPage();
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (breach) =>
      console.error(`breach of the content security policy: ${breach.effectiveDirective} ${breach.blockedURI}`),
    ),
  );
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  return { context, page };
}
