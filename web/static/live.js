/* Keeps the page up to date: fetches it again when the server says that something changed, and morphs what differs. */
(() => {
  'use strict';
  const policy = globalThis.trustedTypes?.createPolicy('sluice', { createHTML: (html) => html }) ?? {
    createHTML: (html) => html,
  };
  const LEAST_MS = 250;
  const HIDDEN_MS = 5000;
  const ANNOUNCED_MS = 5000;
  const SHORTEST_MS = 500;
  const LONGEST_MS = 15000;
  /* The server says something at least every 15 s. */
  const SILENCE_MS = 40000;
  const ANSWER_MS = 20000;
  const banner = document.getElementById('connection');
  const announce = document.getElementById('announce');
  let source = null;
  let refreshing = false;
  let again = false;
  let backOff = SHORTEST_MS;
  let hiding = 0;
  let retrying = 0;
  let silence = 0;
  let announced = 0;
  let seenAt = new Date();

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
        /* The mark stays as well: without it, the next update would close what somebody opened. */
        beforeAttributeUpdated: (name, node) =>
          !(['open', 'data-toggled'].includes(name) && node instanceof HTMLDetailsElement && node.dataset.toggled),
      },
    });
  }

  /* Details that a person opened or closed stay so. */
  document.addEventListener('click', (event) => {
    const summary = event.target.closest('summary');
    if (summary) summary.parentElement.dataset.toggled = 'yes';
  });

  /* The command of a button, copied by one click. */
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-copy]');
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    announce.textContent = 'Copied.';
    button.textContent = 'Copied';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 2000);
  });

  async function refresh() {
    if (refreshing) {
      again = true;
      return;
    }
    refreshing = true;
    const started = performance.now();
    try {
      const response = await fetch(location.href, {
        headers: { Accept: 'text/html' },
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      if (response.status === 401) {
        location.reload();
        return;
      }
      const next = new DOMParser().parseFromString(policy.createHTML(await response.text()), 'text/html');
      const main = next.getElementById('main');
      if (main === null) throw new Error(`${response.status}`);
      if (next.body.dataset.retry) lost(main.querySelector('p')?.textContent ?? '');
      else show(next, main);
    } catch {
      lost('The connection to the dashboard is lost.');
    } finally {
      refreshing = false;
      if (again) {
        again = false;
        setTimeout(refresh, Math.max(0, LEAST_MS - (performance.now() - started)));
      }
    }
  }

  function show(next, main) {
    const before = document.getElementById('reason')?.textContent;
    const following = [...document.querySelectorAll('[data-follow]')].filter(atEnd);
    morph(document.getElementById('main'), main.childNodes);
    morph(document.querySelector('header.top'), next.querySelector('header.top').childNodes);
    for (const id of ['worker', 'elsewhere']) morph(document.getElementById(id), next.getElementById(id).childNodes);
    for (const log of following) log.scrollTop = log.scrollHeight;
    document.title = next.title;
    document.body.dataset.live = next.body.dataset.live ?? '';
    delete document.body.dataset.retry;
    const reason = document.getElementById('reason')?.textContent;
    if (reason && reason !== before && Date.now() - announced > ANNOUNCED_MS) {
      announced = Date.now();
      announce.textContent = reason;
    }
    seenAt = new Date();
    fresh();
    document.dispatchEvent(new Event('sluice:shown'));
    connected();
    if (source === null && document.visibilityState === 'visible') open();
  }

  /* The end of an output stays in sight while it grows, unless somebody has scrolled away from it. */
  function atEnd(log) {
    return log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  }
  if (location.hash === '') for (const log of document.querySelectorAll('[data-follow]')) log.scrollTop = log.scrollHeight;

  function connected() {
    banner.hidden = true;
    clearTimeout(retrying);
  }

  /* What is shown stays, and says how old it is; the page is fetched again and again until it is there. */
  function lost(why) {
    close();
    if (document.body.dataset.retry) banner.textContent = `${why} Trying again.`;
    else banner.textContent = `${why} What you see is from ${seenAt.toLocaleTimeString()}. Trying again.`;
    banner.hidden = false;
    clearTimeout(retrying);
    retrying = setTimeout(() => {
      if (document.visibilityState === 'visible') refresh();
    }, backOff * (0.5 + Math.random()));
    backOff = Math.min(backOff * 2, LONGEST_MS);
  }

  /* A form sent into nowhere would take what was typed along. */
  document.addEventListener('submit', (event) => {
    if (banner.hidden || event.target.method !== 'post') return;
    event.preventDefault();
    announce.textContent = 'Not sent: the connection is lost. What you typed is kept.';
    banner.scrollIntoView();
  });

  function open() {
    close();
    const path = document.body.dataset.live;
    if (!path) return;
    source = new EventSource(path);
    heard();
    source.addEventListener('view', () => {
      backOff = SHORTEST_MS;
      heard();
      refresh();
    });
    source.addEventListener('here', heard);
    source.addEventListener('gone', () => lost('The dashboard was stopped.'));
    /* By itself it repairs a broken connection only, and gives up on any answer but 200: fetching the page tells why. */
    source.addEventListener('error', () => lost('The connection to the dashboard is lost.'));
  }

  /* A connection that died without a word, such as that of a machine that slept. */
  function heard() {
    clearTimeout(silence);
    silence = setTimeout(() => lost('The dashboard does not answer.'), SILENCE_MS);
  }

  function close() {
    clearTimeout(silence);
    source?.close();
    source = null;
  }

  /* Six open streams are all that a browser allows one address: hidden tabs give theirs back. */
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiding);
    if (document.visibilityState === 'hidden') hiding = setTimeout(close, HIDDEN_MS);
    else if (source === null) refresh();
  });

  /* Times in the reader's own zone or in UTC, as they choose; kept in this browser. */
  const zones = [undefined, 'UTC'];
  let zone = localStorage.getItem('sluice-zone') === 'UTC' ? 1 : 0;
  const zoneButton = document.querySelector('[data-zone]');
  function showZone() {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    zoneButton.hidden = false;
    zoneButton.textContent = `Times: ${zones[zone] ?? own}. Show ${zone === 0 ? 'UTC' : own}`;
  }
  zoneButton.addEventListener('click', () => {
    zone = 1 - zone;
    localStorage.setItem('sluice-zone', zones[zone] ?? 'local');
    showZone();
    fresh();
  });

  /* Times in the chosen zone, and the time left counted down from what the server said. */
  function fresh() {
    const now = performance.now();
    for (const button of document.querySelectorAll('[data-copy]')) button.hidden = !navigator.clipboard;
    for (const time of document.querySelectorAll('time[datetime]')) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const suffix = zone === 0 ? '' : ' UTC';
      time.textContent = `${at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium', timeZone: zones[zone] })}${suffix}`;
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

  /* What came of a form is told once: not again to who loads the page anew. */
  const here = new URL(location.href);
  if (here.searchParams.has('receipt')) {
    here.searchParams.delete('receipt');
    history.replaceState(null, '', here);
  }
  showZone();
  fresh();
  if (document.body.dataset.retry) lost(document.querySelector('#main p')?.textContent ?? '');
  else open();
})();
