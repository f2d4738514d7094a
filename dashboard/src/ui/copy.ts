/**
 * Puts text on the clipboard and says whether it got there. Browsers offer the clipboard only to pages over HTTPS or on
 * this machine; a platform on a home network is neither, so the old way stays as the second one.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.setAttribute('readonly', '');
  area.style.position = 'fixed';
  area.style.opacity = '0';
  // Inside an open dialog, or its focus trap takes the selection away.
  (document.querySelector('[role="dialog"]') ?? document.body).appendChild(area);
  area.select();
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    area.remove();
  }
}
