// What is being typed outlives an ended session and an error page: in this tab alone, for
// the same person, until it is stored, thrown away, or they sign out. Files are not kept.
(function () {
  'use strict';
  var PREFIX = 'tulisan:', d = document, form = d.getElementById('tulisan'), key;
  function forget(path) { sessionStorage.removeItem(PREFIX + form.dataset.person + ':' + path); }
  function typed() {
    return Array.from(form.elements).filter(function (field) {
      return field.name && field.type !== 'file' && field.type !== 'submit' && !field.disabled;
    }).map(function (field) {
      var box = field.type === 'checkbox';
      return [field.name, box ? field.value : '', box ? field.checked : field.value];
    });
  }
  function put(values) {
    values.forEach(function (one) {
      Array.from(form.elements).forEach(function (field) {
        if (field.name !== one[0]) return;
        if (field.type === 'checkbox') { if (field.value === one[1]) field.checked = one[2]; } else field.value = one[2];
      });
    });
    form.dispatchEvent(new Event('input', { bubbles: true }));
  }
  function said(values) {
    return JSON.stringify(values.filter(function (one) { return one[0] !== 'versi' && one[0] !== 'utas'; }));
  }
  try {
    if (!form) return;
    key = PREFIX + form.dataset.person + ':' + form.getAttribute('action');
    if (form.dataset.kept) { forget('/tulis'); forget(form.getAttribute('action')); }
    var found = sessionStorage.getItem(key), offer = d.getElementById('pulihkan');
    if (found && offer && said(JSON.parse(found)) !== said(typed())) {
      offer.hidden = false;
      offer.addEventListener('click', function (e) {
        var does = e.target.closest('[data-does]');
        if (!does) return;
        if (does.dataset.does === 'put') put(JSON.parse(found)); else sessionStorage.removeItem(key);
        offer.hidden = true;
      });
    }
    form.addEventListener('input', function () { sessionStorage.setItem(key, JSON.stringify(typed())); });
  } catch (e) { /* a private window: nothing is kept */ }
})();
