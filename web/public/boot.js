// Sets theme and language before the first paint. The same two attributes are kept by state/prefs.
(function () {
  var root = document.documentElement;
  var theme = '';
  var language = '';
  try {
    theme = localStorage.getItem('myna:theme') || '';
    language = localStorage.getItem('myna:language') || '';
  } catch (e) {}
  root.dataset.theme = theme === 'light' || theme === 'dark' ? theme : 'system';
  var first = (navigator.languages || []).filter(function (tag) {
    return /^(zh|en)\b/i.test(tag);
  })[0];
  root.lang = language || (/^zh/i.test(first || '') ? 'zh-CN' : 'en');
})();
