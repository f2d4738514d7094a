// Sets light or dark before the first paint, so that the page never flashes in the wrong one.
// Mantine offers this as an inline script; the platform's content security policy allows none, so it is a file.
// The key and the attribute are Mantine's.
(function () {
  var wanted = null;
  try {
    wanted = window.localStorage.getItem('mantine-color-scheme-value');
  } catch (storageIsForbidden) {
    // Then the system's choice holds.
  }
  if (wanted !== 'light' && wanted !== 'dark') {
    wanted = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
  document.documentElement.setAttribute('data-mantine-color-scheme', wanted);
})();
