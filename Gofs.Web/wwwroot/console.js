// What the browser alone can do for the console: the theme before the first paint, whether the page is shown, and uploads with progress.
(function () {
  'use strict';
  const stored = () => { try { return localStorage.getItem('gofs-theme'); } catch { return null; } };
  const isDark = () => (stored() ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  const paint = () => { document.documentElement.dataset.theme = isDark() ? 'dark' : 'light'; };
  paint();

  // The page is loaded again as soon as the silo answers.
  const loadAgain = () => {
    const again = setInterval(() => fetch('healthz', { cache: 'no-store' }).then(answer => { if (answer.ok) { clearInterval(again); location.reload(); } }, () => {}), 2000);
  };
  // A page whose first connection failed, or that lacks one of its files, would say "Connecting" for ever.
  setTimeout(() => { if (document.getElementById('boot')) loadAgain(); }, 30000);

  let onVisibility = null;
  const uploads = new Map();
  let chosen = 0;

  window.gofs = {
    begin(page) {
      document.getElementById('boot')?.remove();
      onVisibility = () => page.invokeMethodAsync('Shown', document.visibilityState === 'visible');
      document.addEventListener('visibilitychange', onVisibility);
      return isDark();
    },
    end() {
      document.removeEventListener('visibilitychange', onVisibility);
    },
    setTheme(dark) {
      try { localStorage.setItem('gofs-theme', dark ? 'dark' : 'light'); } catch { /* It lasts as long as the page. */ }
      document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    },
    // Files somebody has chosen or dropped: the page decides where each goes and says "upload".
    watchFiles(input, zone, page) {
      const offer = files => {
        const list = Array.from(files, file => {
          const id = `${Date.now()}-${++chosen}`;
          uploads.set(id, { file });
          return { id, name: file.name, size: file.size };
        });
        if (list.length > 0) page.invokeMethodAsync('Offered', list);
      };
      input.addEventListener('change', () => { offer(input.files); input.value = ''; });
      zone.addEventListener('dragover', event => { event.preventDefault(); zone.classList.add('dropping'); });
      zone.addEventListener('dragleave', event => { if (!zone.contains(event.relatedTarget)) zone.classList.remove('dropping'); });
      zone.addEventListener('drop', event => { event.preventDefault(); zone.classList.remove('dropping'); offer(event.dataTransfer.files); });
    },
    chooseFiles(input) { input.click(); },
    upload(id, address, page) {
      const upload = uploads.get(id);
      if (!upload) return;
      const request = upload.request = new XMLHttpRequest();
      let told = 0;
      request.upload.onprogress = event => {
        const now = performance.now();
        if (now - told < 200 && event.loaded < event.total) return;
        told = now;
        page.invokeMethodAsync('Progressed', id, event.loaded);
      };
      const done = failure => { uploads.delete(id); page.invokeMethodAsync('Uploaded', id, failure); };
      request.onload = () => done(request.status === 204 ? null : (request.responseText || 'The silo answered ' + request.status + '.'));
      request.onerror = () => done('The connection to the silo broke.');
      request.onabort = () => done('It was cancelled.');
      request.open('PUT', address);
      request.setRequestHeader('X-Gofs-Forgery', document.querySelector('meta[name=gofs-forgery]').content);
      request.setRequestHeader('Content-Type', 'application/octet-stream');
      request.send(upload.file);
    },
    signOut() {
      const token = document.querySelector('meta[name=gofs-forgery]').content;
      fetch('sign-out', { method: 'POST', headers: { 'X-Gofs-Forgery': token } }).finally(() => location.assign('sign-in'));
    },
    cancelUpload(id) { uploads.get(id)?.request?.abort(); uploads.delete(id); },
    copy(text) { return navigator.clipboard?.writeText(text); },
  };

  document.addEventListener('DOMContentLoaded', () => {
    document.getElementById('reload')?.addEventListener('click', () => location.reload());
    document.querySelector('#blazor-error-ui .reload')?.addEventListener('click', event => { event.preventDefault(); location.reload(); });
    // A circuit that the silo no longer knows never comes back.
    const modal = document.getElementById('components-reconnect-modal');
    if (!modal) return; // the sign-in has no circuit
    new MutationObserver(() => { if (/rejected|failed/.test(modal.className)) loadAgain(); }).observe(modal, { attributes: true, attributeFilter: ['class'] });
  });
})();
