/*
 * Signs votes and commands with a key of this browser. The private part cannot be taken out of it: WebCrypto keeps it in
 * IndexedDB and only signs. What is signed is told by the page (`data-sign`); the answer and the reason come from the form.
 */
(() => {
  'use strict';
  const UNABLE =
    'This browser cannot sign: it needs Ed25519 (Chrome 137, Firefox 129, Safari 17 or later), a page by HTTPS or from this machine, and storage. Answer on the command line, which signs as well.';
  const LIFETIME_S = 600;
  const text = new TextEncoder();
  const base64url = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  /* The clock of this host may be wrong; that of the server is what counts. */
  const ahead = Number(document.body.dataset.now) - Date.now() || 0;

  function request(asked) {
    return new Promise((resolve, reject) => {
      asked.addEventListener('success', () => resolve(asked.result));
      asked.addEventListener('error', () => reject(asked.error));
    });
  }

  let database = null;
  async function store(mode) {
    if (database === null) {
      const opening = indexedDB.open('sluice-keys', 1);
      opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('keys'));
      database = await request(opening);
    }
    return database.transaction('keys', mode).objectStore('keys');
  }

  /* Null when there is none; throws where the browser has no such storage. */
  async function keyOf(identity) {
    return (await request((await store('readonly')).get(identity))) ?? null;
  }

  async function makeKey(identity) {
    const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
    const { x } = await crypto.subtle.exportKey('jwk', publicKey);
    const key = { privateKey, x, madeAt: new Date().toISOString() };
    /* `add` and not `put`: two tabs make one key. */
    await request((await store('readwrite')).add(key, identity));
    await navigator.storage?.persist?.();
  }

  /* Of RFC 7638: what votes in the record name. */
  async function thumbprint({ x }) {
    return base64url(await crypto.subtle.digest('SHA-256', text.encode(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`)));
  }

  async function sign(key, typ, claims) {
    const iat = Math.floor((Date.now() + ahead) / 1000);
    const payload = { ...claims, iat, exp: iat + LIFETIME_S, jti: crypto.randomUUID() };
    const content = [{ alg: 'Ed25519', typ }, payload].map((part) => base64url(text.encode(JSON.stringify(part)))).join('.');
    return `${content}.${base64url(await crypto.subtle.sign({ name: 'Ed25519' }, key.privateKey, text.encode(content)))}`;
  }

  const able = () => globalThis.isSecureContext && crypto.subtle !== undefined && globalThis.indexedDB !== undefined;

  /* What a form says about its signature, and whether it can be sent. */
  async function prepare(form) {
    const { by, keys } = JSON.parse(form.dataset.sign);
    const state = form.querySelector('[data-sign-state]');
    const tell = (words, ready) => {
      state.textContent = words;
      state.classList.toggle('bad', !ready);
      for (const button of form.querySelectorAll('button[type="submit"]')) button.disabled = !ready;
      for (const link of form.querySelectorAll('[data-key-link]')) link.hidden = ready;
    };
    try {
      const key = able() ? await keyOf(by) : undefined;
      if (key === undefined) tell(UNABLE, false);
      else if (key === null) tell(`This run counts only signed answers, and this browser has no key of ${by}.`, false);
      else if (keys !== null && !keys.includes(key.x))
        tell(`This run does not know the key of this browser: it is not among those of ${by} in the bindings with which the run started.`, false);
      else tell(`Signed in this browser with key ${(await thumbprint(key)).slice(0, 12)} of ${by}.`, true);
    } catch {
      tell(UNABLE, false);
    }
  }

  document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches('[data-sign]') || form.dataset.signed) return;
    event.preventDefault();
    /* An update of the page must not take the form away while it is being signed. */
    form.dataset.touched = 'yes';
    const { by, typ, claims } = JSON.parse(form.dataset.sign);
    const field = (name) => form.elements.namedItem(name)?.value ?? '';
    const said = { ...claims };
    if (event.submitter?.name === 'option') said.option = event.submitter.value;
    if (field('to') !== '') said.to = field('to');
    /* As the record has it. */
    if (form.elements.namedItem('rate')) said.rate = field('rate') === '' ? 'none' : String(Number(field('rate')));
    if (field('reason').trim() !== '') said.reason = field('reason');
    try {
      form.elements.namedItem('signed').value = await sign(await keyOf(by), typ, said);
    } catch (error) {
      form.querySelector('[data-sign-state]').textContent = `Not sent: this browser could not sign (${error.message}).`;
      return;
    }
    form.dataset.signed = 'yes';
    form.requestSubmit(event.submitter);
    delete form.dataset.signed;
  });

  /* The page of the key. */
  async function showKey(page) {
    const identity = page.dataset.keyPage;
    const show = (name) => {
      for (const part of page.querySelectorAll('[data-key-state]')) part.hidden = part.dataset.keyState !== name;
    };
    const fail = (words) => {
      page.querySelector('[data-key-state="unable"]').textContent = words;
      show('unable');
    };
    if (!able()) return fail(UNABLE);
    try {
      const key = await keyOf(identity);
      if (key === null) return show('none');
      const line = `${JSON.stringify(identity)}: [{ kty: OKP, crv: Ed25519, x: "${key.x}" }]`;
      page.querySelector('[data-key-line]').textContent = line;
      page.querySelector('[data-copy]').dataset.copy = line;
      page.querySelector('[data-key-print]').textContent = await thumbprint(key);
      page.querySelector('[data-key-made]').textContent = new Date(key.madeAt).toLocaleString();
      show('here');
    } catch {
      fail(UNABLE);
    }
  }

  document.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-key-do]');
    const page = button?.closest('[data-key-page]');
    if (!page) return;
    const identity = page.dataset.keyPage;
    const sure = page.querySelector('[data-key-sure]');
    if (button.dataset.keyDo === 'forget' && !sure.reportValidity()) return;
    try {
      if (button.dataset.keyDo === 'make') await makeKey(identity);
      else await request((await store('readwrite')).delete(identity));
      sure.checked = false;
    } catch {
      /* What is there now is shown, or why this browser cannot. */
    }
    if (button.dataset.keyDo === 'make' && (await keyOf(identity).catch(() => null)) === null) {
      page.querySelector('[data-key-state="unable"]').textContent = UNABLE;
      page.querySelector('[data-key-state="unable"]').hidden = false;
      return;
    }
    await showKey(page);
  });

  function prepareAll() {
    for (const form of document.querySelectorAll('form[data-sign]')) prepare(form);
    const page = document.querySelector('[data-key-page]');
    if (page) showKey(page);
  }
  document.addEventListener('sluice:shown', prepareAll);
  prepareAll();
})();
