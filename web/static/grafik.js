// Charts: SVG renderer, colours from the tokens, rich-text tooltip (no inline style).
(function () {
  'use strict';
  if (!window.echarts) return;
  var drawn = [];
  function css(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  function numbers(el, name) { return el.dataset[name].split(',').map(Number); }
  function mood(el) {
    var names = el.dataset.names.split(','), days = el.dataset.days.split(',');
    var colours = ['--c-neg', '--c-neu', '--c-pos', '--c-unsure'];
    var hatch = { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: css('--ink3') };
    return {
      textStyle: { fontFamily: 'Inter, system-ui, sans-serif', color: css('--ink2'), fontSize: 12 },
      animation: false,
      tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, backgroundColor: css('--surface'), borderColor: css('--line-strong'), textStyle: { color: css('--ink'), fontSize: 12 }, axisPointer: { type: 'shadow', shadowStyle: { color: 'rgba(120,130,140,.12)' } } },
      grid: { left: 34, right: 6, top: 10, bottom: 24 },
      xAxis: { type: 'category', data: days, axisTick: { show: false }, axisLine: { lineStyle: { color: css('--line-strong') } }, axisLabel: { color: css('--ink2'), fontSize: 12, interval: days.length > 14 ? 'auto' : 0 } },
      yAxis: { type: 'value', min: 0, minInterval: 1, splitNumber: 3, splitLine: { lineStyle: { color: css('--line') } }, axisLabel: { color: css('--ink3'), fontSize: 12 } },
      series: ['negative', 'neutral', 'positive', 'unsure'].map(function (key, i) {
        return { name: names[i], type: 'bar', stack: 's', barWidth: '62%', data: numbers(el, key), itemStyle: { color: css(colours[i]), borderColor: css('--surface'), borderWidth: 1, decal: i === 3 ? hatch : undefined } };
      })
    };
  }
  document.querySelectorAll('[data-chart=mood]').forEach(function (el) {
    var chart = echarts.init(el, null, { renderer: 'svg' });
    function draw() { chart.setOption(mood(el), true); }
    draw();
    drawn.push(draw);
    addEventListener('resize', function () { chart.resize(); });
  });
  document.addEventListener('tema', function () { drawn.forEach(function (draw) { draw(); }); });
})();
