// Behaviour shared by all pages: theme, keys, dialogs, tabs. Everything works without it.
(function () {
  'use strict';
  var d = document, root = d.documentElement;
  function on(name, selector, act) {
    d.addEventListener(name, function (e) {
      var found = e.target.closest && e.target.closest(selector);
      if (found) act(found, e);
    });
  }
  on('click', '[data-theme-toggle]', function () {
    var dark = root.getAttribute('data-bs-theme') !== 'dark';
    root.setAttribute('data-bs-theme', dark ? 'dark' : 'light');
    try { localStorage.setItem('tema', dark ? 'gelap' : 'terang'); } catch (e) { /* private window */ }
    d.dispatchEvent(new CustomEvent('tema'));
  });
  on('click', '[data-open]', function (b, e) {
    var dialog = d.getElementById(b.getAttribute('data-open'));
    if (dialog) { e.preventDefault(); dialog.showModal(); }
  });
  on('click', '[data-close]', function (b) { b.closest('dialog').close(); });
  on('click', '[data-back]', function () { history.back(); });
  on('click', '[data-show-password]', function (b) {
    var field = b.parentNode.querySelector('input');
    field.type = field.type === 'password' ? 'text' : 'password';
  });
  on('click', '[data-copy]', function (b) {
    var text = d.getElementById(b.getAttribute('data-copy'));
    if (!text || !navigator.clipboard) { if (text && text.select) text.select(); return; }
    navigator.clipboard.writeText(text.value || text.textContent).then(function () {
      b.classList.add('ok');
    });
  });
  // a chosen file is named in our words, in the language of the page
  on('change', 'input[type=file]', function (field) {
    var told = d.querySelector('[data-file="' + field.id + '"]');
    if (!told) return;
    if (!told.dataset.none) told.dataset.none = told.textContent;
    told.textContent = field.files.length ? field.files[0].name : told.dataset.none;
  });
  on('change', '[data-submit]', function (field) { field.form.requestSubmit(); });
  // who signs out leaves nothing behind that they were writing (tulisan.js)
  on('submit', 'form[action="/keluar"]', function () {
    try {
      Object.keys(sessionStorage).forEach(function (one) {
        if (one.indexOf('tulisan:') === 0) sessionStorage.removeItem(one);
      });
    } catch (e) { /* private window */ }
  });
  // in a row that scrolls sideways, what is chosen is in view
  d.querySelectorAll('.k-scrollx > [aria-current=true]').forEach(function (one) {
    one.parentNode.scrollLeft = Math.max(0, one.offsetLeft - 40);
  });
  // tabs
  on('click', '[role=tab]', function (tab) {
    var list = tab.closest('[role=tablist]');
    list.querySelectorAll('[role=tab]').forEach(function (one) {
      var chosen = one === tab, panel = d.getElementById(one.getAttribute('aria-controls'));
      one.setAttribute('aria-selected', String(chosen));
      if (panel) panel.toggleAttribute('data-late', !chosen);
    });
  });
  d.addEventListener('keydown', function (e) {
    var tab = e.target.closest && e.target.closest('[role=tab]'), tabs, next;
    if (!tab || (e.key !== 'ArrowRight' && e.key !== 'ArrowLeft')) return;
    tabs = Array.from(tab.closest('[role=tablist]').querySelectorAll('[role=tab]'));
    next = tabs[(tabs.indexOf(tab) + (e.key === 'ArrowRight' ? 1 : tabs.length - 1)) % tabs.length];
    e.preventDefault();
    next.focus();
    next.click();
  });
  // the menu at the top closes when something else is pressed
  d.addEventListener('click', function (e) {
    d.querySelectorAll('details.k-me[open]').forEach(function (m) {
      if (!m.contains(e.target)) m.open = false;
    });
  });
  // keys: off in fields and dialogs; none of them sends or publishes
  var waitingG = false;
  function go(step) {
    var items = Array.from(d.querySelectorAll('.in-item')), now, next;
    if (!items.length) return;
    now = items.findIndex(function (x) { return x.getAttribute('aria-current') === 'true'; });
    next = items[Math.max(0, Math.min(items.length - 1, now + step))];
    items.forEach(function (x) { x.setAttribute('aria-current', String(x === next)); });
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
    if (matchMedia('(min-width: 992px)').matches) next.click();
  }
  d.addEventListener('keydown', function (e) {
    if (/INPUT|TEXTAREA|SELECT/.test(e.target.tagName) || e.ctrlKey || e.metaKey || e.altKey) return;
    if (d.querySelector('dialog[open]')) return;
    if (waitingG) {
      waitingG = false;
      if (e.key === 'h') location.href = '/';
      if (e.key === 's') location.href = '/suara';
      if (e.key === 'k') location.href = '/kalender';
      return;
    }
    if (e.key === '/') { var s = d.querySelector('.k-search input'); if (s) { e.preventDefault(); s.focus(); } }
    if (e.key === '?') d.getElementById('pintasan').showModal();
    if (e.key === 'j') go(1);
    if (e.key === 'k') go(-1);
    if (e.key === 'g') waitingG = true;
    if (e.key === 'Escape' && d.body.classList.contains('rinci')) location.href = '/suara' + location.search;
  });
  // the voice that is shown stays: a second answer would come over what is being typed
  d.addEventListener('click', function (e) {
    var item = e.target.closest && e.target.closest('.in-item');
    if (!item || !matchMedia('(min-width: 992px)').matches || e.ctrlKey || e.metaKey) return;
    if (d.getElementById('mengapa-' + item.pathname.split('/').pop())) { e.preventDefault(); e.stopPropagation(); }
  }, true);
  // on a narrow screen a voice is a page of its own
  on('click', '.in-item', function (item, e) {
    if (!matchMedia('(min-width: 992px)').matches) { e.preventDefault(); e.stopPropagation(); location.href = item.href; return; }
    d.querySelectorAll('.in-item').forEach(function (x) { x.setAttribute('aria-current', String(x === item)); });
  });
  // a poster is printed as the page shows it
  on('click', '[data-print]', function () { print(); });
  // the dot beside "Langsung" turns hollow when nothing answers
  d.addEventListener('htmx:error', function () { var dot = d.getElementById('langsung'); if (dot) dot.classList.add('stale'); });
})();
