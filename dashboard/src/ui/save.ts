/** Hands something to the browser as a file. */
export function save(content: Blob, name: string) {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  // What systems do not take in the name of a file.
  link.download = name.replace(/[\\/:*?"<>|]/g, '_');
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export const saveText = (text: string, type: string, name: string) => save(new Blob([text], { type }), name);
