/* Keeps the page up to date: fetches it again when the server says that something changed, and morphs what differs. */
(() => {
  'use strict';
  const policy = globalThis.trustedTypes?.createPolicy('sluice', { createHTML: (html) => html }) ?? {
    createHTML: (html) => html,
  };
  const LEAST_MS = 250;
  const HIDDEN_MS = 5000;
  const banner = document.getElementById('connection');
  const announce = document.getElementById('announce');
  let source = null;
  let refreshing = false;
  let again = false;
  let backOff = 500;
  let hiding = 0;
  let announced = 0;

  /* A form that somebody has begun to fill in is theirs until it is sent. */
  document.addEventListener('input', (event) => {
    const form = event.target.closest('form[data-keep], form.me');
    if (form) form.dataset.touched = 'yes';
  });

  const kept = (node) => node instanceof Element && node.matches('[data-touched]');

  function morph(target, next) {
    Idiomorph.morph(target, next, {
      morphStyle: 'innerHTML',
      callbacks: {
        beforeNodeMorphed: (old) => !kept(old),
        beforeNodeRemoved: (old) => {
          if (!(old instanceof Element) || !(kept(old) || old.querySelector('[data-touched]'))) return true;
          for (const control of old.querySelectorAll('button, input, textarea, select')) control.disabled = true;
          if (!old.querySelector('.gone')) {
            const note = document.createElement('p');
            note.className = 'gone bad';
            note.textContent = 'This is not open any more. What you typed is kept here to copy.';
            old.append(note);
          }
          return false;
        },
        beforeAttributeUpdated: (name, node) => !(name === 'open' && node instanceof HTMLDetailsElement && node.dataset.toggled),
      },
    });
  }

  /* Details that a person opened or closed stay so. */
  document.addEventListener('click', (event) => {
    const summary = event.target.closest('summary');
    if (summary) summary.parentElement.dataset.toggled = 'yes';
  });

  async function refresh() {
    if (refreshing) {
      again = true;
      return;
    }
    refreshing = true;
    const started = performance.now();
    try {
      const response = await fetch(location.href, { headers: { Accept: 'text/html' }, redirect: 'follow' });
      if (response.status === 401) {
        location.reload();
        return;
      }
      if (!response.ok && response.status !== 404) throw new Error(String(response.status));
      const next = new DOMParser().parseFromString(policy.createHTML(await response.text()), 'text/html');
      const before = document.getElementById('reason')?.textContent;
      morph(document.getElementById('main'), next.getElementById('main').childNodes);
      morph(document.querySelector('header.top'), next.querySelector('header.top').childNodes);
      document.title = next.title;
      const reason = document.getElementById('reason')?.textContent;
      if (reason && reason !== before && Date.now() - announced > 5000) {
        announced = Date.now();
        announce.textContent = reason;
      }
      fresh();
      connected();
    } catch {
      lost();
    } finally {
      refreshing = false;
      if (again) {
        again = false;
        setTimeout(refresh, Math.max(0, LEAST_MS - (performance.now() - started)));
      }
    }
  }

  function connected() {
    banner.hidden = true;
    backOff = 500;
  }

  function lost() {
    banner.hidden = false;
    const wait = backOff * (0.5 + Math.random());
    backOff = Math.min(backOff * 2, 15000);
    setTimeout(() => {
      if (document.visibilityState === 'visible') open();
    }, wait);
  }

  function open() {
    close();
    const path = document.body.dataset.live;
    if (!path) return;
    source = new EventSource(path);
    source.addEventListener('view', refresh);
    source.addEventListener('gone', () => {
      close();
      lost();
    });
    source.addEventListener('error', () => {
      banner.hidden = false;
      /* Anything but 200 ends an event source for good; a lost connection it repairs by itself. */
      if (source?.readyState === EventSource.CLOSED) {
        close();
        lost();
      }
    });
    source.addEventListener('open', connected);
  }

  function close() {
    source?.close();
    source = null;
  }

  /* Six open streams are all that a browser allows one address: hidden tabs give theirs back. */
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiding);
    if (document.visibilityState === 'hidden') hiding = setTimeout(close, HIDDEN_MS);
    else if (source === null) open();
  });

  /* Times in the reader's own zone, and the time left counted down from what the server said. */
  function fresh() {
    const now = performance.now();
    for (const time of document.querySelectorAll('time[datetime]')) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      time.textContent = at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
      time.title = time.dateTime;
    }
    for (const left of document.querySelectorAll('[data-left]')) left.dataset.end = String(now + Number(left.dataset.left));
  }

  function words(ms) {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const two = (value) => String(value).padStart(2, '0');
    if (seconds < 60) return `${seconds}s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`;
    return `${Math.floor(seconds / 86400)}d ${two(Math.floor(seconds / 3600) % 24)}h`;
  }

  setInterval(() => {
    if (!banner.hidden) return;
    for (const left of document.querySelectorAll('[data-end]')) left.textContent = words(Number(left.dataset.end) - performance.now());
  }, 1000);

  fresh();
  open();
})();
