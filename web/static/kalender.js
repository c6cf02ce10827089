// The grid of the calendar: the same announcements as the list beside it, drawn by day and
// hour, and dragged to another time. The list is there without it, and for screen readers.
(function () {
  'use strict';
  var d = document, box = d.getElementById('kotak'), el = d.getElementById('kal');
  if (!el || !window.EventCalendar || innerWidth < 992) return;
  var events = JSON.parse(el.dataset.events);
  var dialog = d.getElementById('pindah'), revert = null;
  var month = el.dataset.view === 'dayGridMonth';
  var days = { id: ['Min', 'Sen', 'Sel', 'Rab', 'Kam', 'Jum', 'Sab'], en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] };
  var names = days[el.dataset.lang] || days.id;

  function two(n) { return String(n).padStart(2, '0'); }
  function wall(at) {
    return at.getFullYear() + '-' + two(at.getMonth() + 1) + '-' + two(at.getDate()) + 'T' + two(at.getHours()) + ':' + two(at.getMinutes());
  }
  function drawn(info) {
    var more = info.event.extendedProps, inside = d.createElement('span'), text = d.createElement('span');
    if (!more.icon) return '';
    inside.className = 'ev-in';
    inside.title = more.word + ': ' + info.event.title;
    inside.innerHTML = '<svg class="ic ic-s" aria-hidden="true"><use></use></svg>';
    inside.querySelector('use').setAttribute('href', el.dataset.icons + '#i-' + more.icon);
    text.className = 'ev-t';
    text.append(Object.assign(d.createElement('b'), { textContent: more.clock }), ' ' + info.event.title);
    inside.append(text, Object.assign(d.createElement('span'), { className: 'vh', textContent: more.word }));
    return { domNodes: [inside] };
  }
  // the library calls its articles a table, which they are not; the list is the readable one
  function plain() {
    el.querySelectorAll('.ec,.ec *').forEach(function (one) {
      ['aria-colindex', 'aria-rowindex', 'aria-colcount', 'aria-rowcount', 'aria-colspan', 'aria-rowspan'].forEach(function (name) { one.removeAttribute(name); });
      if (/table|row|cell|header/.test(one.getAttribute('role') || '')) one.removeAttribute('role');
    });
  }
  function ask(info) {
    var form = dialog.querySelector('form'), event = info.event;
    revert = info.revert;
    form.action = '/kalender/' + event.id + '/pindah';
    form.elements.versi.value = event.extendedProps.version;
    form.elements.waktu.value = wall(event.start);
    form.querySelector('[data-title]').textContent = event.title;
    form.querySelector('[data-void]').hidden = !event.extendedProps.void;
    dialog.showModal();
  }
  if (dialog) {
    dialog.addEventListener('close', function () { if (revert) revert(); revert = null; });
    dialog.querySelector('form').addEventListener('submit', function () { revert = null; });
  }
  box.hidden = false;
  d.body.classList.add('has-grid');
  window.EventCalendar.create(el, {
    view: el.dataset.view, date: el.dataset.day, firstDay: 1, locale: el.dataset.lang, height: '100%',
    headerToolbar: { start: '', center: '', end: '' },
    slotDuration: '01:00:00', slotHeight: 31, scrollTime: '05:00:00', slotEventOverlap: false,
    nowIndicator: false, allDaySlot: false, dayMaxEvents: true, displayEventEnd: false,
    eventDurationEditable: false, snapDuration: '00:05:00',
    highlightedDates: [el.dataset.now.slice(0, 10)],
    moreLinkContent: function (arg) { return '+' + arg.num + ' ' + el.dataset.more; },
    slotLabelFormat: function (at) { return two(at.getHours()) + '.00'; },
    dayHeaderFormat: function (at) { return month ? names[at.getDay()] : names[at.getDay()] + ' ' + at.getDate(); },
    events: events, eventContent: drawn,
    eventClick: function (info) { location.href = '/tulis/' + info.event.id; },
    eventDrop: ask,
    eventAllUpdated: function () { setTimeout(plain, 0); }, viewDidMount: function () { setTimeout(plain, 0); }
  });
})();
