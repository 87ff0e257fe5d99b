// Runs before the first paint: the window is opened with ?theme=light|dark|system, and the page must not flash.
;(() => {
  const asked = new URLSearchParams(location.search).get('theme')
  document.documentElement.dataset.theme = asked === 'light' || asked === 'dark' ? asked : 'system'
})()
